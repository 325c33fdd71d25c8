"""The program: composes widgets, themes and the exec session layer into exectop."""

__version__ = "0.1.0"
