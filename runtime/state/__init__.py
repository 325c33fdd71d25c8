"""The recorded state: exec sessions in a SQLite database."""
