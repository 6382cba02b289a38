-- The wall is asked again when something leaves, so it has to know what it was told when that was made.

-- The incident's marking for which a sending was let out beyond it; empty when the wall was not in the way.
ALTER TABLE report_sends ADD COLUMN let_out TEXT NOT NULL DEFAULT '';

-- The incident's marking when the copy was made; of copies made before, the strictest, which no copy is held back for.
ALTER TABLE outward_copies ADD COLUMN incident_tlp TEXT NOT NULL DEFAULT 'red';
