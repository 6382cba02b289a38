-- What was found: evidence, which is only ever added to, and the indicators of the attack.

-- An item of evidence. With a file (sha256) its bytes never change; without one it is a thing in a cupboard.
CREATE TABLE evidence (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    -- CC-01, CC-02, … within the incident
    number       BIGINT NOT NULL,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    sha256       TEXT REFERENCES files (id) ON DELETE RESTRICT,
    size         BIGINT,
    media_type   TEXT NOT NULL,
    description  TEXT NOT NULL,
    -- the machine, person or place it comes from
    source       TEXT NOT NULL,
    system_id    TEXT REFERENCES systems (id) ON DELETE RESTRICT,
    collected_at BIGINT,
    collected_by TEXT NOT NULL,
    added_at     BIGINT NOT NULL,
    added_by     TEXT NOT NULL,
    step         TEXT NOT NULL,
    round        BIGINT NOT NULL,
    malicious    BOOLEAN NOT NULL,
    -- the older item that this one is a new version of
    replaces     TEXT REFERENCES evidence (id) ON DELETE RESTRICT,
    -- why it no longer counts; empty while it does
    void_reason  TEXT NOT NULL,
    voided_at    BIGINT,
    voided_by    TEXT NOT NULL,
    -- when the file was last hashed again, and whether it was as it came in
    checked_at   BIGINT,
    check_ok     BOOLEAN,
    version      BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE INDEX evidence_by_file ON evidence (sha256, id);
CREATE INDEX evidence_by_replaced ON evidence (replaces, number);

-- A sign of the attack, in one spelling, so that the same sign in another incident is found by its value.
CREATE TABLE indicators (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL,
    value       TEXT NOT NULL,
    note        TEXT NOT NULL,
    malicious   TEXT NOT NULL CHECK (malicious IN ('suspected', 'confirmed', 'benign')),
    source      TEXT NOT NULL,
    seen_at     BIGINT,
    added_at    BIGINT NOT NULL,
    added_by    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (incident_id, kind, value)
);

CREATE INDEX indicators_by_incident ON indicators (incident_id, id);
CREATE INDEX indicators_by_value ON indicators (value, kind, id);
