-- What people weigh, decide, and say to each other during an incident.

CREATE TABLE response_options (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number      BIGINT NOT NULL,
    title       TEXT NOT NULL,
    what        TEXT NOT NULL,
    advantages  TEXT NOT NULL,
    drawbacks   TEXT NOT NULL,
    impact      TEXT NOT NULL,
    effort      TEXT NOT NULL,
    source      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('weighed', 'proposed', 'approved', 'replaced', 'dropped')),
    changed_at  BIGINT NOT NULL,
    changed_by  TEXT NOT NULL,
    version     BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

-- One round of asking the owner. `weighed` keeps every option as it stood when the owner was asked.
CREATE TABLE option_proposals (
    id             TEXT PRIMARY KEY,
    incident_id    TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    option_id      TEXT NOT NULL REFERENCES response_options (id) ON DELETE RESTRICT,
    number         BIGINT NOT NULL,
    words          TEXT NOT NULL,
    weighed        TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'returned', 'withdrawn')),
    proposed_at    BIGINT NOT NULL,
    proposed_by    TEXT NOT NULL,
    proposed_by_id TEXT REFERENCES people (id) ON DELETE RESTRICT,
    answer         TEXT NOT NULL,
    answered_at    BIGINT,
    answered_by    TEXT NOT NULL,
    version        BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE UNIQUE INDEX option_proposals_waiting ON option_proposals (incident_id) WHERE state = 'waiting';

CREATE TABLE directions (
    id              TEXT PRIMARY KEY,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number          BIGINT NOT NULL,
    text            TEXT NOT NULL,
    unit_id         TEXT REFERENCES units (id) ON DELETE RESTRICT,
    person_id       TEXT REFERENCES people (id) ON DELETE RESTRICT,
    due_at          BIGINT,
    state           TEXT NOT NULL CHECK (state IN ('given', 'acknowledged', 'done')),
    given_at        BIGINT NOT NULL,
    given_by        TEXT NOT NULL,
    given_by_id     TEXT REFERENCES people (id) ON DELETE RESTRICT,
    acknowledged_at BIGINT,
    acknowledged_by TEXT NOT NULL,
    done_at         BIGINT,
    done_by         TEXT NOT NULL,
    answer          TEXT NOT NULL,
    version         BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE INDEX directions_by_unit ON directions (unit_id, state, id);
CREATE INDEX directions_by_person ON directions (person_id, state, id);

CREATE TABLE summonses (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number      BIGINT NOT NULL,
    place       TEXT NOT NULL,
    meet_at     BIGINT NOT NULL,
    words       TEXT NOT NULL,
    sent_at     BIGINT NOT NULL,
    sent_by     TEXT NOT NULL,
    UNIQUE (incident_id, number)
);

-- Everyone who was called, and what became of it. `recorded_by` and `channel` tell who noted it for them, and how.
CREATE TABLE summoned_people (
    id              TEXT PRIMARY KEY,
    summons_id      TEXT NOT NULL REFERENCES summonses (id) ON DELETE RESTRICT,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    person_id       TEXT NOT NULL REFERENCES people (id) ON DELETE RESTRICT,
    part            TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('called', 'acknowledged', 'arrived', 'declined')),
    called_at       BIGINT NOT NULL,
    acknowledged_at BIGINT,
    arrived_at      BIGINT,
    declined_at     BIGINT,
    reason          TEXT NOT NULL,
    channel         TEXT NOT NULL,
    recorded_by     TEXT NOT NULL,
    version         BIGINT NOT NULL,
    UNIQUE (summons_id, person_id)
);

CREATE INDEX summoned_people_by_incident ON summoned_people (incident_id, id);
CREATE INDEX summoned_people_by_person ON summoned_people (person_id, state, id);

CREATE TABLE spokespersons (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    person_id   TEXT NOT NULL REFERENCES people (id) ON DELETE RESTRICT,
    decision    TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT,
    named_at    BIGINT NOT NULL,
    named_by    TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE INDEX spokespersons_by_incident ON spokespersons (incident_id, named_at, id);

-- A statement is all rows of one number; `n` counts its versions. What was approved is never changed again.
CREATE TABLE statements (
    id              TEXT PRIMARY KEY,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number          BIGINT NOT NULL,
    n               BIGINT NOT NULL,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'returned')),
    written_at      BIGINT NOT NULL,
    written_by      TEXT NOT NULL,
    submitted_at    BIGINT,
    submitted_by    TEXT NOT NULL,
    submitted_by_id TEXT REFERENCES people (id) ON DELETE RESTRICT,
    answer          TEXT NOT NULL,
    answered_at     BIGINT,
    answered_by     TEXT NOT NULL,
    version         BIGINT NOT NULL,
    UNIQUE (incident_id, number, n)
);

CREATE INDEX statements_by_state ON statements (state, submitted_at, id);

CREATE TABLE statement_publications (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    statement_id TEXT NOT NULL REFERENCES statements (id) ON DELETE RESTRICT,
    place        TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    recorded_by  TEXT NOT NULL
);

CREATE INDEX statement_publications_by_incident ON statement_publications (incident_id, published_at, id);

-- Who was told what, when. `sort`: told (a report or notice) or shared (information for working together).
CREATE TABLE disclosures (
    id              TEXT PRIMARY KEY,
    incident_id     TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    sort            TEXT NOT NULL CHECK (sort IN ('told', 'shared')),
    unit_id         TEXT REFERENCES units (id) ON DELETE RESTRICT,
    party           TEXT NOT NULL,
    kind            TEXT NOT NULL,
    channel         TEXT NOT NULL,
    rule            TEXT NOT NULL,
    text            TEXT NOT NULL,
    tlp             TEXT NOT NULL,
    told_at         BIGINT NOT NULL,
    told_by         TEXT NOT NULL,
    receipt         TEXT NOT NULL,
    next_due        BIGINT,
    override_reason TEXT NOT NULL,
    override_by     TEXT NOT NULL,
    struck          BOOLEAN NOT NULL,
    struck_reason   TEXT NOT NULL,
    recorded_at     BIGINT NOT NULL,
    recorded_by     TEXT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE INDEX disclosures_by_incident ON disclosures (incident_id, sort, told_at, id);

CREATE TABLE unit_requests (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    number       BIGINT NOT NULL,
    unit_id      TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    kind         TEXT NOT NULL,
    text         TEXT NOT NULL,
    due_at       BIGINT,
    state        TEXT NOT NULL CHECK (state IN ('sent', 'accepted', 'answered', 'declined', 'closed')),
    sent_at      BIGINT NOT NULL,
    sent_by      TEXT NOT NULL,
    sent_by_id   TEXT REFERENCES people (id) ON DELETE RESTRICT,
    from_unit_id TEXT REFERENCES units (id) ON DELETE RESTRICT,
    answered_at  BIGINT,
    closed_at    BIGINT,
    closed_by    TEXT NOT NULL,
    version      BIGINT NOT NULL,
    UNIQUE (incident_id, number)
);

CREATE INDEX unit_requests_by_unit ON unit_requests (unit_id, state, due_at, id);

-- What was said to a request, in order. `channel` is set when the answer came by phone or letter and was noted for them.
CREATE TABLE request_replies (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    request_id  TEXT NOT NULL REFERENCES unit_requests (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL CHECK (kind IN ('accept', 'reply', 'decline', 'close')),
    text        TEXT NOT NULL,
    channel     TEXT NOT NULL,
    said_at     BIGINT NOT NULL,
    said_by     TEXT NOT NULL
);

CREATE INDEX request_replies_by_incident ON request_replies (incident_id, said_at, id);
