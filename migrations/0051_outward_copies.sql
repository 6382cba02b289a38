-- Copies of what an incident holds that were made for somebody outside: for whom, up to which marking, what stayed behind.

CREATE TABLE outward_copies (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    content     TEXT NOT NULL,
    -- A body of the register, or a name; neither when only the marking was chosen.
    unit_id     TEXT REFERENCES units (id),
    party       TEXT NOT NULL,
    -- The strictest marking that may be in it, and the strictest that is.
    ceiling     TEXT NOT NULL,
    tlp         TEXT NOT NULL,
    left_out    BIGINT NOT NULL,
    purpose     TEXT NOT NULL,
    file_id     TEXT NOT NULL REFERENCES files (id),
    size        BIGINT NOT NULL,
    made_at     BIGINT NOT NULL,
    made_by     TEXT NOT NULL
);

CREATE INDEX outward_copies_by_incident ON outward_copies (incident_id, id);
CREATE INDEX outward_copies_by_file ON outward_copies (file_id, id);
