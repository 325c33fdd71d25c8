"""A connection on which SQLite fails as the test says."""

from __future__ import annotations

import sqlite3
from typing import Any


class Failing:
    """A connection on which one statement fails so many times with a code of SQLite's."""

    def __init__(
        self, connection: sqlite3.Connection, statement: str, code: int, times: int
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._code = code
        self.left = times

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == self._statement and self.left:
            self.left -= 1
            error = sqlite3.OperationalError("as SQLite says it")
            error.sqlite_errorcode = self._code
            raise error
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
