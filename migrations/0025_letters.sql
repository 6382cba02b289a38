-- Letters by mail. What was written never changes and is journalled; where it stands is in `postings`.

CREATE TABLE letters (
    id         TEXT PRIMARY KEY,
    at         BIGINT NOT NULL,
    -- letter (somebody's), notice (a copy of what the bell says), digest (the morning's summary)
    kind       TEXT NOT NULL CHECK (kind IN ('letter', 'notice', 'digest')),
    to_address TEXT NOT NULL,
    to_name    TEXT NOT NULL,
    person_id  TEXT REFERENCES people (id) ON DELETE RESTRICT,
    unit_id    TEXT REFERENCES units (id) ON DELETE RESTRICT,
    reply_to   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    -- a JSON list of attachments: sha256, name, media_type
    files      TEXT NOT NULL,
    -- fixed when written, so that every try carries the same
    message_id TEXT NOT NULL UNIQUE,
    -- the journal's stream and the page it is about; empty: about nothing
    stream     TEXT NOT NULL,
    url        TEXT NOT NULL,
    -- the account that caused it; empty: the machine
    sender_id  TEXT NOT NULL
);

-- Where a letter stands. turn: who goes first, the smallest before the others. due_at: since when it is being tried.
CREATE TABLE postings (
    id          TEXT PRIMARY KEY REFERENCES letters (id) ON DELETE CASCADE,
    state       TEXT NOT NULL
                CHECK (state IN ('queued', 'sending', 'retrying', 'sent', 'refused', 'bounced', 'no_address')),
    turn        BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    claimed_at  BIGINT,
    changed_at  BIGINT NOT NULL,
    -- it may have gone out more than once
    perhaps     BOOLEAN NOT NULL,
    why_vi      TEXT NOT NULL,
    why_en      TEXT NOT NULL
);

CREATE INDEX postings_due ON postings (state, turn, next_try_at, id);
CREATE INDEX postings_by_state ON postings (state, id);
