-- The room in which an incident is coordinated: how far each thing may go, what went with what was told, who was called
-- by which way, who was reminded, the situation reports and their rhythm, and the register of decisions.

-- How far one thing may go, where it differs from what the incident says as a whole. kind: evidence, indicator, event,
-- situation.
CREATE TABLE markings (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL CHECK (kind IN ('evidence', 'indicator', 'event', 'situation')),
    item_id     TEXT NOT NULL,
    tlp         TEXT NOT NULL,
    reason      TEXT NOT NULL,
    marked_at   BIGINT NOT NULL,
    marked_by   TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (kind, item_id)
);

CREATE INDEX markings_by_incident ON markings (incident_id, kind, item_id);

-- What went along with something told or shared, as it was called and marked on that day.
CREATE TABLE disclosure_items (
    id            TEXT PRIMARY KEY,
    incident_id   TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    disclosure_id TEXT NOT NULL REFERENCES disclosures (id) ON DELETE RESTRICT,
    kind          TEXT NOT NULL CHECK (kind IN ('evidence', 'indicator', 'event', 'situation')),
    item_id       TEXT NOT NULL,
    label         TEXT NOT NULL,
    tlp           TEXT NOT NULL
);

CREATE INDEX disclosure_items_by_incident ON disclosure_items (incident_id, disclosure_id, id);

-- Every try to reach someone who was called: the notice of the product first, then what people did by hand.
CREATE TABLE summons_tries (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    summoned_id TEXT NOT NULL REFERENCES summoned_people (id) ON DELETE RESTRICT,
    way         TEXT NOT NULL CHECK (way IN ('notice', 'phone', 'off_hours', 'email', 'deputy')),
    -- the number, the address or the name of whoever stands in
    reached_at  TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('no_answer', 'acknowledged', 'arrived', 'declined')),
    note        TEXT NOT NULL,
    tried_at    BIGINT NOT NULL,
    tried_by    TEXT NOT NULL
);

CREATE INDEX summons_tries_by_incident ON summons_tries (incident_id, summoned_id, tried_at, id);

-- When somebody has to try again; nobody has to once the person answered or every way was tried.
ALTER TABLE summoned_people ADD COLUMN due_at BIGINT;

CREATE INDEX summoned_people_by_try ON summoned_people (incident_id, due_at, id);

CREATE TABLE request_reminders (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    request_id  TEXT NOT NULL REFERENCES unit_requests (id) ON DELETE RESTRICT,
    text        TEXT NOT NULL,
    reminded_at BIGINT NOT NULL,
    reminded_by TEXT NOT NULL
);

CREATE INDEX request_reminders_by_incident ON request_reminders (incident_id, reminded_at, id);

-- How often a situation report is due in an incident, and when the next one is; not at all while due_at is empty.
CREATE TABLE situation_rhythms (
    id            TEXT PRIMARY KEY,
    incident_id   TEXT NOT NULL UNIQUE REFERENCES incidents (id) ON DELETE RESTRICT,
    every_minutes BIGINT NOT NULL,
    due_at        BIGINT,
    set_at        BIGINT NOT NULL,
    set_by        TEXT NOT NULL,
    version       BIGINT NOT NULL
);

CREATE INDEX situation_rhythms_by_due ON situation_rhythms (due_at, id);

-- A draft has live facts; a published report carries those of its moment and is never changed again.
CREATE TABLE situation_reports (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number       BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'published')),
    tlp          TEXT NOT NULL,
    assessment   TEXT NOT NULL,
    outlook      TEXT NOT NULL,
    needs        TEXT NOT NULL,
    facts        TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    written_at   BIGINT NOT NULL,
    written_by   TEXT NOT NULL,
    published_at BIGINT,
    published_by TEXT NOT NULL,
    version      BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE UNIQUE INDEX situation_reports_draft ON situation_reports (incident_id) WHERE state = 'draft';

-- The register of decisions. source: written by hand, or out of an option that the owner approved or of a direction.
CREATE TABLE decisions (
    id            TEXT PRIMARY KEY,
    incident_id   TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number        BIGINT NOT NULL,
    what          TEXT NOT NULL,
    why           TEXT NOT NULL,
    considered    TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('typed', 'option', 'direction')),
    source_id     TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'decided', 'refused', 'withdrawn', 'superseded')),
    due_at        BIGINT,
    noted_at      BIGINT NOT NULL,
    noted_by      TEXT NOT NULL,
    noted_by_id   TEXT REFERENCES people (id) ON DELETE RESTRICT,
    settled_at    BIGINT,
    supersedes_id TEXT REFERENCES decisions (id) ON DELETE RESTRICT,
    superseded_at BIGINT,
    reason        TEXT NOT NULL,
    version       BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE INDEX decisions_by_source ON decisions (source_id, id);

-- Whose word a decision needs: the one who decides first, then those who agree. `channel` when it was noted for them.
CREATE TABLE decision_words (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    decision_id TEXT NOT NULL REFERENCES decisions (id) ON DELETE RESTRICT,
    person_id   TEXT REFERENCES people (id) ON DELETE RESTRICT,
    name        TEXT NOT NULL,
    decides     BOOLEAN NOT NULL,
    word        TEXT NOT NULL CHECK (word IN ('asked', 'approved', 'refused')),
    text        TEXT NOT NULL,
    channel     TEXT NOT NULL,
    said_at     BIGINT,
    recorded_by TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX decision_words_by_incident ON decision_words (incident_id, decision_id, id);
CREATE INDEX decision_words_by_person ON decision_words (person_id, word, id);

-- Who wrote a version, beside the name: two people may bear one name, and nobody approves their own words.
ALTER TABLE statements ADD COLUMN written_by_id TEXT REFERENCES people (id) ON DELETE RESTRICT;
