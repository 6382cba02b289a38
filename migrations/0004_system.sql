-- The register of information systems.

CREATE TABLE systems (
    id               TEXT PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    purpose          TEXT NOT NULL,
    owner_unit_id    TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    operator_unit_id TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    level            BIGINT,
    provider         TEXT NOT NULL,
    link_provider    TEXT NOT NULL,
    addresses        TEXT NOT NULL,
    domains          TEXT NOT NULL,
    os_name          TEXT NOT NULL,
    os_version       TEXT NOT NULL,
    services         TEXT NOT NULL,
    safeguards       TEXT NOT NULL,
    active           BOOLEAN NOT NULL,
    version          BIGINT NOT NULL,
    folded           TEXT NOT NULL DEFAULT ''
);

CREATE INDEX systems_by_name ON systems (folded, id);
CREATE INDEX systems_by_operator ON systems (operator_unit_id, folded, id);
CREATE INDEX systems_by_owner ON systems (owner_unit_id, folded, id);
