"""What there is to know of a terminal when something in it looks wrong, to be read and sent on."""

from __future__ import annotations

import dataclasses

from app import __version__
from app.attachment import Attachment
from widgets.vt import Modes
from widgets.wording import printable, short_id


def facts(attachment: Attachment) -> list[tuple[str, str]]:
    """Names and values: whose terminal it is, how large, and what the program has asked for."""
    terminal, size = attachment.terminal, attachment.size
    kept, total = terminal.history_length, terminal.history_total
    return [
        ("session", short_id(attachment.session_id) or "not started"),
        ("container", printable(attachment.label)),
        ("command", printable(attachment.title)),
        ("title", printable(terminal.title) or "none"),
        ("size", f"{size.columns}x{size.rows}"),
        ("scrollback", f"{kept} rows, of {total} that scrolled off"),
        ("modes", ", ".join(changed_modes(terminal.modes)) or "as at the start"),
    ]


def changed_modes(modes: Modes) -> list[str]:
    """The modes that are not as a terminal begins with them."""
    first = dataclasses.asdict(Modes())
    changed = []
    for name, value in dataclasses.asdict(modes).items():
        if value != first[name]:
            words = name.replace("_", " ")
            changed.append(words if value is True else f"{words}: {str(value).lower()}")
    return changed


def unknown_sequences(attachment: Attachment) -> list[tuple[str, int]]:
    """Control functions that the terminal does not know, the commonest first."""
    return [
        (printable(sequence), count)
        for sequence, count in attachment.terminal.unknown_sequences.items()
    ]


def report(attachment: Attachment) -> str:
    """All of it as text. What was on the screen is not in it."""
    lines = [f"exectop {__version__}"]
    lines += [f"{name}: {value}" for name, value in facts(attachment)]
    lines.append(f"unknown sequences: {attachment.terminal.unknown}")
    lines += [f"  {count} x {sequence}" for sequence, count in unknown_sequences(attachment)]
    return "\n".join(lines)
