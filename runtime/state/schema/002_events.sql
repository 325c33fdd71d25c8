-- What happened to sessions, and who did it. No reference to sessions: events outlive them.
CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    time           REAL NOT NULL,
    name           TEXT NOT NULL,
    session_id     TEXT NOT NULL,
    container_id   TEXT NOT NULL,
    container_name TEXT NOT NULL,
    exit_code      INTEGER,
    detail         TEXT NOT NULL,
    client         TEXT NOT NULL CHECK (json_valid(client))
) STRICT;

CREATE INDEX events_by_session ON events (session_id, id);
