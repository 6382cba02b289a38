-- How each account wants to be told. Minutes of the day; both absent: no quiet hours. Accounts without a row: the usual.

CREATE TABLE channels (
    id         TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    urgent     TEXT NOT NULL CHECK (urgent IN ('bell', 'mail', 'digest')),
    soon       TEXT NOT NULL CHECK (soon IN ('bell', 'mail', 'digest')),
    can_wait   TEXT NOT NULL CHECK (can_wait IN ('bell', 'mail', 'digest')),
    quiet_from BIGINT,
    quiet_to   BIGINT,
    version    BIGINT NOT NULL
);

-- The last day (2026-11-27) on which an account was given its digest, or had nothing in it.
CREATE TABLE digests (
    id  TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    day TEXT NOT NULL
);
