"""The keys of the dashboard: one table that bindings, the footer and the help screen are made of.

Every entry has an id that stays the same, so that a keymap in the settings can change its keys.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from textual.binding import Binding, BindingType


@dataclasses.dataclass(frozen=True, slots=True)
class KeyAction:
    """What a key does. `label` stands in the footer (empty: not shown there)."""

    id: str
    keys: str
    action: str
    label: str
    help: str


SESSION_KEYS = (
    KeyAction("open", "enter", "open", "open", "shell in the container, or back to the session"),
    KeyAction("shell", "s", "shell", "shell", "open the best shell of the selected container"),
    KeyAction("exec", "e", "exec", "exec", "run any command: user, folder, environment, tty"),
    KeyAction("attach", "a", "attach", "attach", "come back to the selected session"),
    KeyAction("terminals", "t", "terminals", "terminals", "back to the open terminals"),
    KeyAction("stop", "x", "stop", "stop", "end the session: TERM, a countdown, then KILL"),
    KeyAction("remove", "ctrl+d,delete", "remove", "remove", "remove the session (asks first)"),
    KeyAction("cleanup", "c", "cleanup", "", "clear the temporary files of an ended session"),
)

MOVE_KEYS = (
    KeyAction("down", "down,j", "row('cursor_down')", "", "next row"),
    KeyAction("up", "up,k", "row('cursor_up')", "", "row before"),
    KeyAction("first", "home,g", "row('first_row')", "", "first row"),
    KeyAction("last", "end,G", "row('last_row')", "", "last row"),
    KeyAction("page-down", "pagedown,ctrl+f", "row('page_down')", "", "a screenful down"),
    KeyAction("page-up", "pageup,ctrl+b", "row('page_up')", "", "a screenful up"),
    KeyAction("next-table", "tab", "app.focus_next", "", "other table"),
    KeyAction("previous-table", "shift+tab", "app.focus_previous", "", "other table"),
)

PROGRAM_KEYS = (
    KeyAction("filter", "slash", "filter", "filter", "show only what contains a text (esc: all)"),
    KeyAction("refresh", "ctrl+r", "refresh_now", "", "look again now"),
    KeyAction("palette", "ctrl+p,colon", "app.command_palette", "", "themes and commands"),
    KeyAction("help", "question_mark,f1", "app.show_help", "help", "this help"),
    KeyAction("quit", "q,ctrl+q", "app.leave", "quit", "leave; all sessions go on"),
)

# After the prefix key; the keys are characters, or names where a key types none.
TERMINAL_KEYS = (
    KeyAction("new-tab", "c", "shell:tab", "new shell in a tab", "one more shell, in a tab"),
    KeyAction("split-beside", "%,|", "shell:beside", "shell beside", "one more shell, beside"),
    KeyAction("split-below", '",-', "shell:below", "shell below", "one more shell, below"),
    KeyAction("next-tab", "n", "tab:next", "next tab", "next tab (a click on it, too)"),
    KeyAction("previous-tab", "p", "tab:previous", "tab before", "tab before"),
    *(KeyAction(f"tab-{each}", str(each), f"tab:{each}", "", "") for each in range(1, 10)),
    KeyAction("other", "o", "other", "other terminal", "next terminal of the tab (or a click)"),
    *(
        KeyAction(f"go-{way}", f"{way},{letter}", f"go:{way}", "", "")
        for way, letter in (("left", "h"), ("down", "j"), ("up", "k"), ("right", "l"))
    ),
    *(
        KeyAction(f"grow-{way}", f"ctrl+{way},{letter}", f"grow:{way}", "", "")
        for way, letter in (("left", "H"), ("down", "J"), ("up", "K"), ("right", "L"))
    ),
    KeyAction("zoom", "z", "zoom", "zoom", "the terminal alone, and back"),
    KeyAction("even-out", "=", "even_out", "equal sizes", "equal sizes"),
    KeyAction("turn", "space", "turn", "turn", "beside becomes below, and back"),
    KeyAction("break-out", "!", "break_out", "own tab", "give the terminal a tab of its own"),
    KeyAction("join", "+", "join_next", "join next tab", "bring the next tab's terminals here"),
    KeyAction("copy-mode", "[,pageup", "copy_mode", "copy mode", "look back, select, copy"),
    KeyAction("search", "/", "search", "search", "search all that was printed"),
    KeyAction("paste", "]", "paste", "paste", "paste what was copied here last"),
    KeyAction("mark", "m", "mark", "mark", "mark the terminal for broadcast, or not"),
    KeyAction("mark-all", "M", "mark_all", "mark all", "mark all of the tab, or none"),
    KeyAction("broadcast", "b", "broadcast", "broadcast", "type into all marked, or no longer"),
    KeyAction("allow-copy", "y", "allow_copy", "", "let a program that asks set the clipboard"),
    KeyAction("lists", "w", "lists", "lists", "the lists; the terminals go on (t comes back)"),
    KeyAction("detach", "d", "detach", "detach", "leave it; the session goes on"),
    KeyAction("report", "i", "report", "unknown codes", "what the terminal did not know"),
    KeyAction("terminal-help", "?", "help", "all keys", "this help"),
)

# Families of keys after the prefix key: keys, a word for the hint, a line for the help.
TERMINAL_FAMILIES = (
    ("1 … 9", "go to tab", "that tab"),
    ("←↓↑→  h j k l", "go there", "the terminal that lies that way"),
    ("ctrl+arrows  H J K L", "", "move the divider"),
)

COPY_HELP = (
    ("←↓↑→ h j k l", "move; also w b 0 ^ $ g G pgup pgdn ctrl+u ctrl+d"),
    ("v  V  r", "select text, whole lines, a rectangle; again: nothing; o: the other end"),
    ("y  enter", "copy the selection, or the line, and go back"),
    ("/  ?", "search upwards, downwards, while you type; capitals count if there are any"),
    ("n  N", "next hit, hit before"),
    ("esc  q", "drop the selection; go back"),
)

TERMINAL_HELP = (
    ("{detach}", "leave the session running and go back to the list"),
    ("shift+pgup pgdn", "scroll back (the mouse wheel too)"),
    ("drag", "select text (alt: a rectangle); it is copied when you let go"),
    ("ctrl+click", "on a link: copy it, or open it (a setting)"),
    ("shift+mouse", "ours, even if the program wants the mouse"),
    ("{prefix}", "then one of the keys below; twice, it goes to the program"),
    ("anything else", "goes to the program: tab, esc, ctrl+c, ctrl+q, F1 …"),
)

GROUPS = (("Sessions", SESSION_KEYS), ("Moving", MOVE_KEYS), ("Program", PROGRAM_KEYS))


def bindings(actions: Iterable[KeyAction]) -> list[BindingType]:
    """Textual's bindings for these actions; none has priority, so a terminal can own every key."""
    return [
        Binding(
            action.keys,
            action.action,
            action.label or action.help,
            show=bool(action.label),
            id=action.id,
            tooltip=action.help,
        )
        for action in actions
    ]


def key_names(keys: str) -> str:
    """Keys as a person reads them: "ctrl+d,delete" is "ctrl+d  delete"."""
    names = {
        "slash": "/",
        "question_mark": "?",
        "colon": ":",
        "pagedown": "pgdn",
        "pageup": "pgup",
        "down": "↓",
        "up": "↑",
        "f1": "F1",
    }
    return "  ".join(names.get(key, key) for key in keys.split(","))


def detach_key_names(keys: str) -> str:
    """Detach keys as a person reads them: "ctrl-p,ctrl-q" is "ctrl-p ctrl-q"."""
    return " ".join(keys.split(",")) if keys else ""
