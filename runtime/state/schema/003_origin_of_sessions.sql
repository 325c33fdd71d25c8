-- Who created a session, in which run of its container (that one's first process), how much of its
-- output is kept in bytes (0: all of it), and whether it is one that an old libpod left, of which
-- only the command and the process are known. NULL where that is not known.
ALTER TABLE sessions ADD COLUMN client TEXT CHECK (client IS NULL OR json_valid(client));
ALTER TABLE sessions ADD COLUMN init_pid INTEGER CHECK (init_pid > 0);
ALTER TABLE sessions ADD COLUMN init_start_time INTEGER
    CHECK ((init_pid IS NULL) = (init_start_time IS NULL));
ALTER TABLE sessions ADD COLUMN output_cap INTEGER;
ALTER TABLE sessions ADD COLUMN legacy INTEGER NOT NULL DEFAULT 0 CHECK (legacy IN (0, 1));
