"""Single characters that stand for whole grapheme clusters.

A row that is only written from left to right is kept as a string with one character for each
column (see `line`). Surrogates, which no decoded text can hold, stand in it for clusters.
"""

from __future__ import annotations

import re
from typing import Final

RIGHT_HALF: Final = "\uffff"
"""What stands for the right half of a wide character in a run of text: no character at all."""

FIRST_CODE: Final = "\ud800"
LAST_CODE: Final = "\udfff"

_CODES: Final = re.compile(f"[{FIRST_CODE}-{LAST_CODE}]")


class ClusterCodes:
    """The clusters a terminal has seen, and the characters that stand for them."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._clusters: list[str] = []

    def code(self, cluster: str) -> str:
        """The character that stands for a cluster; nothing when there are no more."""
        code = self._codes.get(cluster, "")
        if not code and len(self._clusters) <= ord(LAST_CODE) - ord(FIRST_CODE):
            code = self._codes[cluster] = chr(ord(FIRST_CODE) + len(self._clusters))
            self._clusters.append(cluster)
        return code

    def cluster(self, code: str) -> str:
        """The cluster that a character stands for."""
        return self._clusters[ord(code) - ord(FIRST_CODE)]

    def spelled_out(self, columns: str) -> str:
        """The text of columns: without right halves, and with clusters for what stands for them."""
        if columns.isascii():
            return columns
        text = columns.replace(RIGHT_HALF, "")
        return _CODES.sub(lambda code: self.cluster(code[0]), text)
