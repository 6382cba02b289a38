-- The limit that a situation report, and a try to reach somebody, had when it was made. Absent: it had none.

ALTER TABLE situation_reports ADD COLUMN due_at BIGINT;
ALTER TABLE summons_tries ADD COLUMN due_at BIGINT;

-- Situation reports and decisions are found by the search, too: everything there is is entered once more.
DELETE FROM settings WHERE id = 'search_built';
