// Feeds bytes to @xterm/headless and tells what it shows.
//
// node oracle.mjs FOLDER, where FOLDER/node_modules holds the packages. One request a line on
// standard input, one answer a line on standard output, both JSON:
//   {columns, lines, scrollback, steps: [{feed: base64} | {resize: [columns, lines]}]}
//   {cursor, visible, alternate, modes, rows, behind, history, pens}
// A row is {runs: [[width, pen, texts], ...], wrapped}: cells of one width and pen, the right half of
// wide ones left out. A pen is a number in the list of pens.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import path from "node:path";

const load = createRequire(path.join(path.resolve(process.argv[2]), "loader.js"));
const { Terminal } = load("@xterm/headless");
const { Unicode11Addon } = load("@xterm/addon-unicode11");

const UNDERLINES = [null, "single", "double", "curly", "dotted", "dashed"];

function color(isDefault, isPalette, value) {
  if (isDefault) return "default";
  return isPalette ? value : [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

// The style itself: `getUnderlineStyle` tells how xterm.js draws a link instead.
function underline(cell) {
  if (!cell.isUnderline()) return null;
  return cell.hasExtendedAttrs() ? UNDERLINES[(cell.extended._ext >> 26) & 7] : "single";
}

function underlineColor(cell) {
  const none = 0x3ffffff;
  if (!cell.hasExtendedAttrs() || cell.extended.underlineColor === none) return "default";
  if (cell.isUnderlineColorDefault()) return "default";
  return color(false, cell.isUnderlineColorPalette(), cell.getUnderlineColor());
}

function link(terminal, cell) {
  const id = cell.hasExtendedAttrs() ? cell.extended.urlId : 0;
  return id ? terminal._core._oscLinkService.getLinkData(id)?.uri ?? null : null;
}

function pen(terminal, cell) {
  return [
    color(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()),
    color(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()),
    !!cell.isBold(),
    !!cell.isDim(),
    !!cell.isItalic(),
    underline(cell),
    underlineColor(cell),
    !!cell.isBlink(),
    !!cell.isInverse(),
    !!cell.isInvisible(),
    !!cell.isStrikethrough(),
    link(terminal, cell),
  ];
}

function row(terminal, buffer, y, pens) {
  const line = buffer.getLine(y);
  const runs = [];
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line.getCell(x);
    const width = cell.getWidth();
    if (!width) continue;
    const number = pens.number(pen(terminal, cell));
    const last = runs.at(-1);
    if (last && last[0] === width && last[1] === number) last[2].push(cell.getChars() || " ");
    else runs.push([width, number, [cell.getChars() || " "]]);
  }
  return { runs: runs.map(joined), wrapped: buffer.getLine(y + 1)?.isWrapped ?? false };
}

// Where every cell holds one character, a string says the same as a list, and shorter.
function joined([width, pen, texts]) {
  const simple = texts.every((text) => [...text].length === 1);
  return [width, pen, simple ? texts.join("") : texts];
}

class Pens {
  list = [];
  numbers = new Map();

  number(pen) {
    const key = JSON.stringify(pen);
    if (!this.numbers.has(key)) {
      this.numbers.set(key, this.list.length);
      this.list.push(pen);
    }
    return this.numbers.get(key);
  }
}

function screen(terminal, buffer, pens) {
  return Array.from({ length: terminal.rows }, (_, y) => row(terminal, buffer, buffer.baseY + y, pens));
}

function history(terminal) {
  const buffer = terminal.buffer.normal;
  return Array.from({ length: buffer.baseY }, (_, y) => buffer.getLine(y).translateToString(true));
}

function write(terminal, data) {
  return new Promise((resolve) => terminal.write(data, resolve));
}

async function show(request) {
  const terminal = new Terminal({
    cols: request.columns,
    rows: request.lines,
    scrollback: request.scrollback,
    allowProposedApi: true,
    logLevel: "off",
    reflowCursorLine: true,
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  for (const step of request.steps) {
    if (step.resize) terminal.resize(...step.resize);
    else await write(terminal, Buffer.from(step.feed, "base64"));
  }
  const buffer = terminal.buffer.active;
  const alternate = buffer.type === "alternate";
  const pens = new Pens();
  const { reverseWraparoundMode, ...modes } = terminal.modes;
  const answer = {
    // Without autowrap nothing waits in the last column, though xterm.js counts on.
    cursor: [buffer.cursorY, Math.min(buffer.cursorX, terminal.cols - !modes.wraparoundMode)],
    visible: !terminal._core.coreService.isCursorHidden,
    alternate,
    modes,
    rows: screen(terminal, buffer, pens),
    behind: alternate ? screen(terminal, terminal.buffer.normal, pens) : [],
    history: history(terminal),
    pens: pens.list,
  };
  terminal.dispose();
  return answer;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await show(JSON.parse(line))) + "\n");
}
