-- Campaigns in which machines are swept for malware: what was planned, what came of each machine, what is still to do.

CREATE TABLE campaigns (
    id           TEXT PRIMARY KEY,
    -- RQ-2026-0001
    code         TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    folded       TEXT NOT NULL,
    scope        TEXT NOT NULL,
    -- with what it is done
    tool         TEXT NOT NULL,
    unit_id      TEXT NOT NULL REFERENCES units (id) ON DELETE RESTRICT,
    planned_from BIGINT NOT NULL,
    planned_to   BIGINT NOT NULL,
    opened_at    BIGINT NOT NULL,
    opened_by    TEXT NOT NULL,
    -- what came of it, once it is closed
    conclusion   TEXT NOT NULL,
    closed_at    BIGINT,
    closed_by    TEXT NOT NULL,
    version      BIGINT NOT NULL
);

CREATE INDEX campaigns_by_unit ON campaigns (unit_id, id);

CREATE TABLE campaign_machines (
    id           TEXT PRIMARY KEY,
    campaign_id  TEXT NOT NULL REFERENCES campaigns (id) ON DELETE RESTRICT,
    -- counted from 1 within the campaign
    number       BIGINT NOT NULL,
    -- what people call it; a registered system's name when it is one
    name         TEXT NOT NULL,
    system_id    TEXT REFERENCES systems (id) ON DELETE RESTRICT,
    unit_id      TEXT REFERENCES units (id) ON DELETE RESTRICT,
    result       TEXT NOT NULL CHECK (result IN ('waiting', 'clean', 'found', 'not_reached')),
    note         TEXT NOT NULL,
    -- where what was found is dealt with: the number of an alert or an incident
    reference    TEXT NOT NULL,
    checked_at   BIGINT,
    checked_by   TEXT NOT NULL,
    -- what is still to do, by whom, until when
    follow_up    TEXT NOT NULL,
    owner_id     TEXT REFERENCES people (id) ON DELETE RESTRICT,
    due_at       BIGINT,
    done_at      BIGINT,
    version      BIGINT NOT NULL,
    UNIQUE (campaign_id, number)
);

CREATE INDEX campaign_machines_by_system ON campaign_machines (system_id, id);
