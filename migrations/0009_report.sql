-- Documents made about an incident from the forms of the pack, from draft to issued.

CREATE TABLE reports (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    form         TEXT NOT NULL,
    ordinal      BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'issuing', 'issued', 'superseded')),
    replaces_id  TEXT REFERENCES reports (id) ON DELETE RESTRICT,
    -- JSON by field of the form: in a draft what a person wrote, in an issued report everything.
    answers      TEXT NOT NULL,
    recipients   TEXT NOT NULL,
    signer       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    -- Kept from the moment issuing begins, so that a second try takes the same one.
    number       TEXT NOT NULL,
    number_year  BIGINT,
    issued_at    BIGINT,
    issued_by    TEXT NOT NULL,
    -- The document as issued, as JSON.
    document     TEXT NOT NULL,
    pdf          TEXT REFERENCES files (id) ON DELETE RESTRICT,
    docx         TEXT REFERENCES files (id) ON DELETE RESTRICT,
    -- Head of the incident's journal when it was issued, as printed at its foot.
    journal_seq  BIGINT,
    journal_hash TEXT NOT NULL,
    version      BIGINT NOT NULL,
    UNIQUE (incident_id, form, ordinal)
);

CREATE INDEX reports_by_incident ON reports (incident_id, state, form, id);
