-- Incidents, their steps round by round, and the work within them.

CREATE TABLE incidents (
    id             TEXT PRIMARY KEY,
    code           TEXT NOT NULL UNIQUE,
    title          TEXT NOT NULL,
    scenario       TEXT NOT NULL,
    severity       BIGINT NOT NULL CHECK (severity BETWEEN 1 AND 4),
    class          TEXT NOT NULL,
    class_override BOOLEAN NOT NULL,
    class_reason   TEXT NOT NULL,
    -- Who proposed or decided the class, and when; nobody while it only was computed at the opening.
    class_by       TEXT NOT NULL,
    class_decided  BOOLEAN NOT NULL,
    classified_at  BIGINT,
    conditions     TEXT NOT NULL,
    tlp            TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    system_id      TEXT REFERENCES systems (id) ON DELETE RESTRICT,
    unit_id        TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    owner_unit_id  TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    commander_id   TEXT REFERENCES people (id) ON DELETE RESTRICT,
    summary        TEXT NOT NULL,
    happened_at    BIGINT,
    detected_at    BIGINT NOT NULL,
    opened_at      BIGINT NOT NULL,
    opened_by      TEXT NOT NULL,
    closed_at      BIGINT,
    round          BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL
);

CREATE INDEX incidents_by_state ON incidents (state, opened_at, id);
CREATE INDEX incidents_by_opening ON incidents (opened_at, id);
CREATE INDEX incidents_by_severity ON incidents (state, severity, opened_at, id);

-- Which unit plays which function of the plan in this incident; also who may see it.
CREATE TABLE incident_units (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    function    TEXT NOT NULL,
    unit_id     TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    UNIQUE (incident_id, function, unit_id)
);

CREATE INDEX incident_units_by_unit ON incident_units (unit_id, incident_id);

CREATE TABLE incident_systems (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    system_id   TEXT NOT NULL REFERENCES systems (id) ON DELETE RESTRICT,
    effect      TEXT NOT NULL,
    added_at    BIGINT NOT NULL,
    UNIQUE (incident_id, system_id)
);

CREATE TABLE incident_people (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    person_id   TEXT NOT NULL REFERENCES people (id) ON DELETE RESTRICT,
    part        TEXT NOT NULL,
    added_at    BIGINT NOT NULL,
    UNIQUE (incident_id, person_id)
);

CREATE TABLE incident_steps (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    step        TEXT NOT NULL,
    round       BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'open', 'done', 'skipped')),
    opened_at   BIGINT,
    ended_at    BIGINT,
    ended_by    TEXT NOT NULL,
    note        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (incident_id, step, round)
);

CREATE TABLE incident_tasks (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    step        TEXT NOT NULL,
    title       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    assignee_id TEXT REFERENCES people (id) ON DELETE RESTRICT,
    due_at      BIGINT,
    state       TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    result      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX incident_tasks_by_incident ON incident_tasks (incident_id, state, created_at, id);
CREATE INDEX incident_tasks_by_assignee ON incident_tasks (assignee_id, state, due_at, id);

-- Longer texts about an incident, one per key: harm, scope, origin, cause, …
CREATE TABLE incident_narratives (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    key         TEXT NOT NULL,
    text        TEXT NOT NULL,
    changed_at  BIGINT NOT NULL,
    changed_by  TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (incident_id, key)
);

CREATE TABLE timeline_events (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL,
    title_vi    TEXT NOT NULL,
    title_en    TEXT NOT NULL,
    text        TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    noticed_at  BIGINT,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    -- The account behind the name: two people may bear one name, and only the writer corrects an entry.
    recorder_id TEXT NOT NULL,
    starred     BOOLEAN NOT NULL,
    by_hand     BOOLEAN NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX timeline_events_by_incident ON timeline_events (incident_id, happened_at, id);

CREATE TABLE checklist_items (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    step        TEXT NOT NULL,
    round       BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    text        TEXT NOT NULL,
    text_en     TEXT NOT NULL,
    obligatory  BOOLEAN NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'done', 'skipped')),
    note        TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX checklist_items_by_incident ON checklist_items (incident_id, step, round, position, id);

-- Containment, removal, fixes and recovery; a containment measure has to be taken back later.
CREATE TABLE measures (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    kind         TEXT NOT NULL,
    round        BIGINT NOT NULL,
    title        TEXT NOT NULL,
    detail       TEXT NOT NULL,
    system_id    TEXT REFERENCES systems (id) ON DELETE RESTRICT,
    state        TEXT NOT NULL CHECK (state IN ('planned', 'done', 'removed', 'cancelled')),
    result       TEXT NOT NULL,
    remove_by    BIGINT,
    created_at   BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    done_at      BIGINT,
    done_by      TEXT NOT NULL,
    removed_at   BIGINT,
    removed_by   TEXT NOT NULL,
    removed_note TEXT NOT NULL,
    version      BIGINT NOT NULL
);

CREATE INDEX measures_by_incident ON measures (incident_id, kind, round, created_at, id);

CREATE TABLE verification_checks (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    round       BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    text        TEXT NOT NULL,
    text_en     TEXT NOT NULL,
    result      TEXT NOT NULL CHECK (result IN ('open', 'pass', 'fail', 'not_applicable')),
    note        TEXT NOT NULL,
    checked_at  BIGINT,
    checked_by  TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX verification_checks_by_incident ON verification_checks (incident_id, round, position, id);

CREATE TABLE verdicts (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    round       BIGINT NOT NULL,
    stable      BOOLEAN NOT NULL,
    note        TEXT NOT NULL,
    given_at    BIGINT NOT NULL,
    given_by    TEXT NOT NULL,
    UNIQUE (incident_id, round)
);

-- What was learned, and what is to be done so that it does not happen again. action: what becomes of it, from the pack's
-- list; empty when nothing was chosen.
CREATE TABLE lessons (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL CHECK (kind IN ('lesson', 'measure')),
    text        TEXT NOT NULL,
    action      TEXT NOT NULL,
    owner_id    TEXT REFERENCES people (id) ON DELETE RESTRICT,
    due_at      BIGINT,
    state       TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
    result      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX lessons_by_owner ON lessons (owner_id, state, due_at, id);

CREATE INDEX lessons_by_incident ON lessons (incident_id, created_at, id);
