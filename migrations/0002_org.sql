-- Units, people and who holds which office from when to when.

CREATE TABLE units (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    short_name TEXT NOT NULL,
    kind       TEXT NOT NULL,
    parent_id  TEXT REFERENCES units (id) ON DELETE RESTRICT,
    email      TEXT NOT NULL,
    phone      TEXT NOT NULL,
    address    TEXT NOT NULL,
    outside    BOOLEAN NOT NULL,
    note       TEXT NOT NULL,
    valid_from BIGINT,
    valid_to   BIGINT,
    version    BIGINT NOT NULL,
    -- what a search looks through: name, short name and code without marks; lists are in this order
    folded     TEXT NOT NULL DEFAULT ''
);

CREATE INDEX units_by_name ON units (folded, id);
CREATE INDEX units_by_kind ON units (kind, folded, id);
CREATE INDEX units_by_parent ON units (parent_id);

CREATE TABLE people (
    id              TEXT PRIMARY KEY,
    unit_id         TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    name            TEXT NOT NULL,
    title           TEXT NOT NULL,
    email           TEXT NOT NULL,
    phone           TEXT NOT NULL,
    phone_off_hours TEXT NOT NULL,
    active          BOOLEAN NOT NULL,
    version         BIGINT NOT NULL,
    folded          TEXT NOT NULL DEFAULT ''
);

CREATE INDEX people_by_name ON people (folded, id);
CREATE INDEX people_by_unit ON people (unit_id, folded, id);

-- valid_from is the first moment of the first day, valid_to the last moment of the last day; absent: until further notice.
-- kind: officer (in charge of information security at a unit), lead, deputy, member (of a response team)
CREATE TABLE appointments (
    id          TEXT PRIMARY KEY,
    unit_id     TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    person_id   TEXT NOT NULL REFERENCES people (id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL CHECK (kind IN ('officer', 'lead', 'deputy', 'member')),
    decision_no TEXT NOT NULL,
    duties      TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT,
    version     BIGINT NOT NULL
);

CREATE INDEX appointments_by_unit ON appointments (unit_id, kind, valid_from, id);
CREATE INDEX appointments_by_person ON appointments (person_id, id);
