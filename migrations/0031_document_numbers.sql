-- The register of document numbers: every number that was ever taken, whatever became of it.

CREATE TABLE document_numbers (
    id          TEXT PRIMARY KEY,
    unit_id     TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    -- A sort of document of the pack; empty for letters.
    kind        TEXT NOT NULL,
    year        BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    -- As printed.
    symbol      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    -- 'taken' while its document is being issued, 'used' once it is, 'cancelled' when it never will be.
    state       TEXT NOT NULL CHECK (state IN ('taken', 'used', 'cancelled')),
    report_id   TEXT REFERENCES reports (id) ON DELETE RESTRICT,
    incident_id TEXT REFERENCES incidents (id) ON DELETE RESTRICT,
    -- How many numbers right before it were left out.
    skipped     BIGINT NOT NULL,
    -- Why they were, or why it was cancelled.
    reason      TEXT NOT NULL,
    taken_at    BIGINT NOT NULL,
    taken_by    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (unit_id, kind, year, number)
);

CREATE INDEX document_numbers_by_report ON document_numbers (report_id);
CREATE INDEX document_numbers_in_order ON document_numbers (year, id);
