-- Sets of detection rules: those that are built in, and those that were imported. A version is never changed; what people
-- decide about a single rule holds for every version of its set.

CREATE TABLE rule_sets (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    folded     TEXT NOT NULL UNIQUE,
    -- what its rules are about: logs or files
    kind       TEXT NOT NULL CHECK (kind IN ('sigma', 'yara')),
    built_in   BOOLEAN NOT NULL,
    -- the number of the version that is used
    active     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

CREATE TABLE rule_set_versions (
    id           TEXT PRIMARY KEY,
    set_id       TEXT NOT NULL REFERENCES rule_sets (id) ON DELETE RESTRICT,
    -- counted from 1 within the set
    number       BIGINT NOT NULL,
    -- the archive it was read from; absent for a set that is built in
    file_id      TEXT REFERENCES files (id) ON DELETE RESTRICT,
    file_name    TEXT NOT NULL,
    -- SHA-256 of the archive, or of the built-in files
    hash         TEXT NOT NULL,
    rules        BIGINT NOT NULL,
    correlations BIGINT NOT NULL,
    refused      BIGINT NOT NULL,
    -- taken, but no log that can be read leads to them
    unrouted     BIGINT NOT NULL,
    imported_at  BIGINT NOT NULL,
    imported_by  TEXT NOT NULL,
    UNIQUE (set_id, number)
);

-- What was read from the archive, for lists; made again from it at any time, so no journal names these rows.
CREATE TABLE set_rules (
    id          TEXT PRIMARY KEY,
    set_id      TEXT NOT NULL,
    version_id  TEXT NOT NULL REFERENCES rule_set_versions (id) ON DELETE RESTRICT,
    rule_id     TEXT NOT NULL,
    title       TEXT NOT NULL,
    folded      TEXT NOT NULL,
    -- 0 (informational) to 4 (critical)
    level       BIGINT NOT NULL,
    path        TEXT NOT NULL,
    line        BIGINT NOT NULL,
    logsource   TEXT NOT NULL,
    tags        TEXT NOT NULL,
    author      TEXT NOT NULL,
    description TEXT NOT NULL,
    response_vi TEXT NOT NULL,
    response_en TEXT NOT NULL,
    correlation BOOLEAN NOT NULL,
    -- false for one that only feeds correlations
    reported    BOOLEAN NOT NULL
);

CREATE INDEX set_rules_by_version ON set_rules (version_id, folded, id);
CREATE INDEX set_rules_by_rule ON set_rules (version_id, rule_id, id);

CREATE TABLE set_refusals (
    id         TEXT PRIMARY KEY,
    version_id TEXT NOT NULL REFERENCES rule_set_versions (id) ON DELETE RESTRICT,
    number     BIGINT NOT NULL,
    path       TEXT NOT NULL,
    line       BIGINT NOT NULL,
    title      TEXT NOT NULL,
    reason     TEXT NOT NULL
);

CREATE INDEX set_refusals_by_version ON set_refusals (version_id, number, id);

-- What people decided about a rule; none means that it is used.
CREATE TABLE rule_states (
    id         TEXT PRIMARY KEY,
    set_id     TEXT NOT NULL REFERENCES rule_sets (id) ON DELETE RESTRICT,
    rule_id    TEXT NOT NULL,
    silenced   BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    UNIQUE (set_id, rule_id)
);
