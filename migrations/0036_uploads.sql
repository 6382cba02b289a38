-- Files on their way in over a weak line: how much has come lies in the file itself, so that a restart loses nothing.
CREATE TABLE uploads (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    account_id  TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    -- where it lay within a folder that was chosen whole: words, never a path of ours
    folder      TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    -- in bytes, as announced
    size        BIGINT NOT NULL,
    -- what the sender says the bytes hash to; empty when they did not say
    announced   TEXT NOT NULL,
    -- what the sender knows this very file by: the moment of its last change
    stamp       TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    touched_at  BIGINT NOT NULL,
    -- once it has come whole and was hashed: the fingerprints under which it lies in the store; empty before
    sha256      TEXT NOT NULL,
    md5         TEXT NOT NULL
);

CREATE INDEX uploads_by_account ON uploads (account_id, incident_id, id);
CREATE INDEX uploads_by_time ON uploads (touched_at, id);
