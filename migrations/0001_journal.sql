-- The journal: every change, chained by SHA-256 within its stream (an incident, the register of people, …).

CREATE TABLE journal_streams (
    id         TEXT PRIMARY KEY,
    seq        BIGINT NOT NULL,
    hash       TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX journal_streams_by_change ON journal_streams (changed_at);

CREATE TABLE journal_entries (
    id         TEXT PRIMARY KEY,
    stream     TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    actor_id   TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    act        TEXT NOT NULL,
    what_vi    TEXT NOT NULL,
    what_en    TEXT NOT NULL,
    rows_json  TEXT NOT NULL,
    previous   TEXT NOT NULL,
    hash       TEXT NOT NULL,
    UNIQUE (stream, seq)
);

CREATE TABLE counters (
    id    TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE settings (
    id    TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE jobs (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    run_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    claimed_at BIGINT,
    last_error TEXT
);

CREATE INDEX jobs_by_time ON jobs (run_at, id);

-- Every stored file under its SHA-256; features point here.
CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    size       BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    stored_at  BIGINT NOT NULL
);
