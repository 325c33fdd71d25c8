"""The command line: one module per noun. Textual is imported only when the dashboard starts."""

from app.cli.program import main

__all__ = ["main"]
