-- Accounts, what they may do where, and who is signed in.

CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    person_id     TEXT NOT NULL UNIQUE REFERENCES people (id) ON DELETE RESTRICT,
    login         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    one_time      BOOLEAN NOT NULL,
    totp_secret   TEXT,
    totp_used     BIGINT NOT NULL,
    disabled      BOOLEAN NOT NULL,
    lang          TEXT NOT NULL,
    theme         TEXT NOT NULL,
    version       BIGINT NOT NULL
);

-- A role of the pack, within one unit or (unit_id absent) everywhere.
CREATE TABLE grants (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role       TEXT NOT NULL,
    unit_id    TEXT REFERENCES units (id) ON DELETE RESTRICT
);

CREATE INDEX grants_by_account ON grants (account_id, id);

-- Only the SHA-256 of a token is kept. A waiting session has shown the password and still owes the one-time code.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    csrf       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    agent      TEXT NOT NULL,
    waiting    BOOLEAN NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id, id);
CREATE INDEX sessions_by_seen ON sessions (seen_at);

CREATE TABLE api_tokens (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked    BOOLEAN NOT NULL
);

CREATE INDEX api_tokens_by_account ON api_tokens (account_id, id);

CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL,
    text_vi    TEXT NOT NULL,
    text_en    TEXT NOT NULL,
    url        TEXT NOT NULL,
    read       BOOLEAN NOT NULL
);

CREATE INDEX notices_unread ON notices (account_id, read);
CREATE INDEX notices_by_account ON notices (account_id, at, id);
