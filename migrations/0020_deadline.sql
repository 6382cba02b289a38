-- Everything that is due by a moment, whatever asks for it: rules of law, tasks, requests, directions, measures to be
-- taken back, lessons, reports of the calendar. Written by the unit of work that changes what it depends on.

CREATE TABLE deadlines (
    id           TEXT PRIMARY KEY,
    -- the stream of the journal it belongs to
    stream       TEXT NOT NULL,
    -- who claims it: rule, task, request, direction, removal, lesson, calendar
    source       TEXT NOT NULL,
    -- which of the source's; unique within stream and source
    key          TEXT NOT NULL,
    title_vi     TEXT NOT NULL,
    title_en     TEXT NOT NULL,
    -- where it belongs, in words: "SC-2026-0042 Mã hoá dữ liệu"
    subject      TEXT NOT NULL,
    -- where it is done
    url          TEXT NOT NULL,
    incident_id  TEXT REFERENCES incidents (id) ON DELETE RESTRICT,
    unit_id      TEXT REFERENCES units (id) ON DELETE RESTRICT,
    person_id    TEXT REFERENCES people (id) ON DELETE RESTRICT,
    recipient_id TEXT REFERENCES units (id) ON DELETE RESTRICT,
    -- who receives it, by name; empty when nobody in particular
    recipient    TEXT NOT NULL,
    rule         TEXT NOT NULL,
    form         TEXT NOT NULL,
    basis_vi     TEXT NOT NULL,
    basis_en     TEXT NOT NULL,
    -- the limit as it is worded: "trong 72 giờ", "trước ngày 20/12/2026"
    bound_vi     TEXT NOT NULL,
    bound_en     TEXT NOT NULL,
    why_vi       TEXT NOT NULL,
    why_en       TEXT NOT NULL,
    starts_at    BIGINT NOT NULL,
    -- the last moment in time; absent while there is no limit
    due_at       BIGINT,
    -- the limit it began with, where it was moved since
    first_due_at BIGINT,
    state        TEXT NOT NULL CHECK (state IN ('open', 'done', 'waived', 'stopped')),
    done_at      BIGINT,
    -- once late, always late
    late         BOOLEAN NOT NULL,
    -- number, date, reason: what was said when it ended
    note         TEXT NOT NULL,
    ended_by     TEXT NOT NULL,
    -- when to remind or to tell the line above next; absent when nothing is to be told
    next_act_at  BIGINT,
    acted_until  BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    UNIQUE (stream, source, key)
);

CREATE INDEX deadlines_to_act ON deadlines (next_act_at, id);
CREATE INDEX deadlines_by_due ON deadlines (state, due_at, id);
CREATE INDEX deadlines_by_unit ON deadlines (unit_id, state, due_at, id);
CREATE INDEX deadlines_by_person ON deadlines (person_id, state, due_at, id);
CREATE INDEX deadlines_by_incident ON deadlines (incident_id, state, due_at, id);

-- A year of holidays as corrected on the screen, in place of the one that came with the program.
CREATE TABLE holiday_years (
    id         TEXT PRIMARY KEY,
    year       BIGINT NOT NULL UNIQUE,
    -- one day a line: 2026-09-02 Quốc khánh
    days_off   TEXT NOT NULL,
    -- Saturdays and Sundays on which offices work, one a line
    days_on    TEXT NOT NULL,
    note       TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    version    BIGINT NOT NULL
);

-- The day of the year on which a report of the calendar is due, where the plan leaves it to the locality.
CREATE TABLE report_days (
    id         TEXT PRIMARY KEY,
    rule       TEXT NOT NULL UNIQUE,
    -- before this day of this month
    month      BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    version    BIGINT NOT NULL
);

-- Addresses under which a calendar program reads what is due; only the SHA-256 of the secret in them is kept.
CREATE TABLE calendar_feeds (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- absent: what is due for the account itself
    unit_id    TEXT REFERENCES units (id) ON DELETE RESTRICT,
    hash       TEXT NOT NULL UNIQUE,
    made_at    BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE INDEX calendar_feeds_by_account ON calendar_feeds (account_id, id);

-- Facts that rules of law ask for: flag and since when, and when the breach of personal data was noticed.
ALTER TABLE incidents ADD COLUMN flags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE incidents ADD COLUMN breach_at BIGINT;
