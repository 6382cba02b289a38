-- Each time a file of evidence was read again and hashed: by somebody, or by the machine on its rhythm.
CREATE TABLE evidence_checks (
    id          TEXT PRIMARY KEY,
    evidence_id TEXT NOT NULL REFERENCES evidence (id) ON DELETE RESTRICT,
    checked_at  BIGINT NOT NULL,
    checked_by  TEXT NOT NULL,
    -- what its bytes hashed to; empty when the file was gone
    sha256      TEXT NOT NULL,
    ok          BOOLEAN NOT NULL
);

CREATE INDEX evidence_checks_by_item ON evidence_checks (evidence_id, checked_at, id);
-- what the machine has not read for the longest time
CREATE INDEX evidence_by_check ON evidence ((COALESCE(checked_at, added_at)), id);
