-- An item of evidence is examined with a set of rules: who asked, with which rules, what came of it.

CREATE TABLE examinations (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    evidence_id TEXT NOT NULL REFERENCES evidence (id) ON DELETE RESTRICT,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'cancelled')),
    -- the step in which the result is added
    step        TEXT NOT NULL,
    set_id      TEXT NOT NULL REFERENCES rule_sets (id) ON DELETE RESTRICT,
    set_name    TEXT NOT NULL,
    -- the version of the set, its hash, how many of its rules were silenced, and the program's own version
    set_version BIGINT NOT NULL,
    set_hash    TEXT NOT NULL,
    silenced    BIGINT NOT NULL,
    program     TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    asker_id    TEXT NOT NULL,
    asker_unit  TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    ended_at    BIGINT,
    -- who cancelled it, or why it failed
    ended_why   TEXT NOT NULL,
    ended_en    TEXT NOT NULL,
    events      BIGINT NOT NULL,
    findings    BIGINT NOT NULL,
    -- what could not be read, as JSON
    outcome     TEXT NOT NULL,
    result_id   TEXT REFERENCES evidence (id) ON DELETE RESTRICT,
    version     BIGINT NOT NULL
);

CREATE INDEX examinations_by_item ON examinations (evidence_id, id);
CREATE INDEX examinations_by_state ON examinations (state, id);

-- Who is at it and how far; changes by the second, so no journal names these rows.
CREATE TABLE examination_runs (
    id            TEXT PRIMARY KEY,
    claimed_until BIGINT NOT NULL,
    tries         BIGINT NOT NULL,
    bytes         BIGINT NOT NULL,
    total         BIGINT NOT NULL,
    events        BIGINT NOT NULL,
    findings      BIGINT NOT NULL
);

-- What was found, counted by rule. Like the findings an index of the result, which is evidence itself.
CREATE TABLE examination_rules (
    id             TEXT PRIMARY KEY,
    examination_id TEXT NOT NULL REFERENCES examinations (id) ON DELETE RESTRICT,
    set_id         TEXT NOT NULL,
    rule_id        TEXT NOT NULL,
    title          TEXT NOT NULL,
    level          BIGINT NOT NULL,
    findings       BIGINT NOT NULL,
    author         TEXT NOT NULL,
    tags           TEXT NOT NULL,
    response_vi    TEXT NOT NULL,
    response_en    TEXT NOT NULL
);

CREATE INDEX examination_rules_by_examination ON examination_rules (examination_id, level, findings, id);
CREATE INDEX examination_rules_by_rule ON examination_rules (set_id, rule_id, id);

CREATE TABLE examination_findings (
    id             TEXT PRIMARY KEY,
    examination_id TEXT NOT NULL REFERENCES examinations (id) ON DELETE RESTRICT,
    -- its line in the result, from 1
    number         BIGINT NOT NULL,
    rule_id        TEXT NOT NULL,
    title          TEXT NOT NULL,
    level          BIGINT NOT NULL,
    happened_at    BIGINT,
    host           TEXT NOT NULL,
    account        TEXT NOT NULL,
    file           TEXT NOT NULL,
    record         TEXT NOT NULL,
    -- the event's fields, a line each
    fields         TEXT NOT NULL,
    -- when it was taken into the timeline
    taken_at       BIGINT
);

CREATE INDEX examination_findings_by_number ON examination_findings (examination_id, number, id);
CREATE INDEX examination_findings_by_rule ON examination_findings (examination_id, rule_id, number, id);
CREATE INDEX examination_findings_by_level ON examination_findings (examination_id, level, number, id);
