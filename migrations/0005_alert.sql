-- What was reported, by people and by machines, and what became of it.
--
-- An alert's id begins with the moment it was received, so the order of ids is the order of receiving; every index for
-- a list ends with it. `is_open` says that somebody still has to decide; the indexes of the queue hold only those, so
-- that the queue stays as quick as it was however many were ever received.

CREATE TABLE alerts (
    id             TEXT PRIMARY KEY,
    code           TEXT NOT NULL UNIQUE,
    title          TEXT NOT NULL,
    title_folded   TEXT NOT NULL,
    description    TEXT NOT NULL,
    severity       BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 4),
    status         TEXT NOT NULL CHECK (status IN ('new', 'taken', 'verified', 'opened', 'merged', 'dismissed')),
    is_open        BOOLEAN NOT NULL,
    outcome        TEXT NOT NULL,
    outcome_note   TEXT NOT NULL,
    source         TEXT NOT NULL,
    external_id    TEXT NOT NULL,
    -- Five digits for the week in which it was last seen, then a hash of what makes two alerts the same.
    fingerprint    TEXT NOT NULL,
    count          BIGINT NOT NULL,
    unit_id        TEXT REFERENCES units (id) ON DELETE RESTRICT,
    system_id      TEXT REFERENCES systems (id) ON DELETE RESTRICT,
    place          TEXT NOT NULL,
    tile           TEXT NOT NULL,
    scenario       TEXT,
    indicators     TEXT NOT NULL,
    reporter_name  TEXT NOT NULL,
    reporter_phone TEXT NOT NULL,
    reporter_email TEXT NOT NULL,
    -- The code is kept so that an officer can say it on the phone; it is looked up by its hash.
    tracking_code  TEXT,
    tracking_hash  TEXT,
    -- The reporter wrote again and nobody has looked yet.
    has_news       BOOLEAN NOT NULL,
    owner_id       TEXT REFERENCES people (id) ON DELETE RESTRICT,
    received_by    TEXT NOT NULL,
    happened_at    BIGINT,
    noticed_at     BIGINT,
    received_at    BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    taken_at       BIGINT,
    verified_at    BIGINT,
    ended_at       BIGINT,
    merged_into    TEXT REFERENCES alerts (id) ON DELETE RESTRICT,
    -- No foreign key: the table of incidents comes with a later migration.
    incident_id    TEXT,
    version        BIGINT NOT NULL
);

CREATE INDEX alerts_open ON alerts (id) WHERE is_open = TRUE;
-- Two columns that must be equal, so that SQLite prefers it to alerts_by_unit when both are asked for.
CREATE INDEX alerts_open_by_unit ON alerts (unit_id, is_open, id);
CREATE INDEX alerts_open_by_severity ON alerts (severity, id) WHERE is_open = TRUE;
CREATE INDEX alerts_open_by_source ON alerts (source, id) WHERE is_open = TRUE;
CREATE INDEX alerts_open_by_fingerprint ON alerts (fingerprint) WHERE is_open = TRUE;
CREATE INDEX alerts_by_status ON alerts (status, id);
CREATE INDEX alerts_by_unit ON alerts (unit_id, id);
CREATE INDEX alerts_by_system ON alerts (system_id, id) WHERE system_id IS NOT NULL;
CREATE INDEX alerts_by_scenario ON alerts (scenario, id) WHERE scenario IS NOT NULL;
CREATE INDEX alerts_by_owner ON alerts (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX alerts_by_incident ON alerts (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX alerts_by_target ON alerts (merged_into, id) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX alerts_by_tracking ON alerts (tracking_hash) WHERE tracking_hash IS NOT NULL;

CREATE TABLE alert_files (
    id         TEXT PRIMARY KEY,
    alert_id   TEXT NOT NULL REFERENCES alerts (id) ON DELETE RESTRICT,
    file_id    TEXT NOT NULL REFERENCES files (id) ON DELETE RESTRICT,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       BIGINT NOT NULL,
    added_at   BIGINT NOT NULL,
    added_by   TEXT NOT NULL,
    -- Chosen to go along when an incident was opened or joined.
    carried    BOOLEAN NOT NULL,
    UNIQUE (alert_id, file_id)
);

-- What was said and done about an alert: the reporter's further words, answers to them, what officers did.
CREATE TABLE alert_events (
    id       TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE RESTRICT,
    kind     TEXT NOT NULL CHECK (kind IN ('reporter', 'answer', 'act', 'repeat')),
    text     TEXT NOT NULL,
    text_en  TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    at       BIGINT NOT NULL
);

CREATE INDEX alert_events_by_alert ON alert_events (alert_id, id);

-- A list as someone likes to see it: the filters of its address under a name.
CREATE TABLE saved_views (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    list       TEXT NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX saved_views_by_account ON saved_views (account_id, list, id);
