-- Exec sessions. Times are seconds since the epoch; a process is its pid and its start time in
-- clock ticks since the boot named by boot_id. A NULL exit code is one not known (yet, or lost).
CREATE TABLE sessions (
    id                 TEXT PRIMARY KEY,
    container_id       TEXT NOT NULL,
    container_key      TEXT NOT NULL,
    container_name     TEXT NOT NULL,
    container_root     TEXT NOT NULL,
    state              TEXT NOT NULL CHECK (state IN ('created', 'running', 'stopped')),
    config             TEXT NOT NULL CHECK (json_valid(config)),
    created            REAL NOT NULL,
    boot_id            TEXT NOT NULL,
    pid                INTEGER CHECK (pid > 0),
    start_time         INTEGER,
    monitor_pid        INTEGER CHECK (monitor_pid > 0),
    monitor_start_time INTEGER,
    exit_code          INTEGER,
    started            REAL,
    finished           REAL,
    owner              INTEGER NOT NULL,
    rows               INTEGER,
    columns            INTEGER,
    keeps_output       INTEGER NOT NULL CHECK (keeps_output IN (0, 1)),
    CHECK ((pid IS NULL) = (start_time IS NULL)),
    CHECK ((monitor_pid IS NULL) = (monitor_start_time IS NULL)),
    CHECK (state <> 'running' OR pid IS NOT NULL)
) STRICT;

CREATE INDEX sessions_by_container ON sessions (container_key);
