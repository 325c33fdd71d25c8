"""What a terminal on the screen tells: keys and pastes, the mouse, its size, where one looks."""

from __future__ import annotations

from textual.message import Message


class Typed(Message):
    """A key, by Textual's name, and the character it types if it types one."""

    def __init__(self, key: str, character: str | None) -> None:
        super().__init__()
        self.key = key
        self.character = character


class Pasted(Message):
    """Text was pasted."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Sent(Message):
    """Bytes for the program in this very view: the mouse, the focus."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data


class Resized(Message):
    """The widget has this size now, and the session shall have it."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__()
        self.columns = columns
        self.lines = lines


class Copied(Message):
    """Text was selected, to be copied."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class LinkChosen(Message):
    """A link was clicked."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target


class Looked(Message):
    """The view is another one: further back, in copy mode, or live again."""
