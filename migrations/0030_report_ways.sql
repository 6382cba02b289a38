-- The way of a report between its writing and its issuing, and what happened to it afterwards.

ALTER TABLE reports ADD COLUMN review TEXT NOT NULL DEFAULT 'writing'
    CHECK (review IN ('writing', 'submitted', 'returned', 'approved', 'dropped'));
-- Why it was returned, or dropped.
ALTER TABLE reports ADD COLUMN review_words TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN submitted_at BIGINT;
ALTER TABLE reports ADD COLUMN submitted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN reviewed_at BIGINT;
ALTER TABLE reports ADD COLUMN reviewed_by TEXT NOT NULL DEFAULT '';
-- In what capacity it is signed, lines parted by line ends; empty prints the form's own words.
ALTER TABLE reports ADD COLUMN capacity TEXT NOT NULL DEFAULT '';
-- The copy that came back signed.
ALTER TABLE reports ADD COLUMN signed TEXT REFERENCES files (id) ON DELETE RESTRICT;
ALTER TABLE reports ADD COLUMN signed_name TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN signed_at BIGINT;
ALTER TABLE reports ADD COLUMN signed_by TEXT NOT NULL DEFAULT '';
-- What the check of the signed copy found: 'appended' (ours is its first revision), 'same_words', 'other'.
ALTER TABLE reports ADD COLUMN signed_check TEXT NOT NULL DEFAULT '';

-- One row for each time a report went to somebody.
CREATE TABLE report_sends (
    id              TEXT PRIMARY KEY,
    report_id       TEXT NOT NULL REFERENCES reports (id) ON DELETE RESTRICT,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    unit_id         TEXT REFERENCES units (id) ON DELETE RESTRICT,
    -- The name as it was then; the only word where the register has no such unit.
    party           TEXT NOT NULL,
    way             TEXT NOT NULL CHECK (way IN ('email', 'paper', 'system')),
    address         TEXT NOT NULL,
    sent_at         BIGINT NOT NULL,
    sent_by         TEXT NOT NULL,
    receipt         TEXT NOT NULL,
    -- The deadline rule it was sent under, and the note that the unit was told.
    rule            TEXT NOT NULL,
    disclosure_id   TEXT,
    letter_id       TEXT,
    acknowledged_at BIGINT,
    acknowledged_by TEXT NOT NULL,
    their_number    TEXT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE INDEX report_sends_by_report ON report_sends (report_id, id);
