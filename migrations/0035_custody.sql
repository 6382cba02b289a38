-- Evidence from hand to hand: every act with a thing or a file, who holds it now, how it is kept and how it ends.

-- columns appended here are part of the fingerprint of rows written from now on
-- md5: only to compare with lists of others; absent until the file was read again
ALTER TABLE files ADD COLUMN md5 TEXT;
-- the bytes were removed by an act of destruction at this moment; the row and its hash stay
ALTER TABLE files ADD COLUMN removed_at BIGINT;

-- where it lay within a folder that was handed in whole: words, never a path of ours
ALTER TABLE evidence ADD COLUMN folder TEXT NOT NULL DEFAULT '';
-- what the acts add up to, so that a list needs no look at them: none, held, pending, returned, destroyed
ALTER TABLE evidence ADD COLUMN custody TEXT NOT NULL DEFAULT 'none' CHECK (custody IN ('none', 'held', 'pending', 'returned', 'destroyed'));
ALTER TABLE evidence ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN holder_unit TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN acts BIGINT NOT NULL DEFAULT 0;
-- whom it is being handed to, while nobody has received it
ALTER TABLE evidence ADD COLUMN offered_unit_id TEXT REFERENCES units (id) ON DELETE RESTRICT;
ALTER TABLE evidence ADD COLUMN offered_person_id TEXT REFERENCES people (id) ON DELETE RESTRICT;
ALTER TABLE evidence ADD COLUMN offered_at BIGINT;
-- the legal hold: while it has a reason nothing is destroyed
ALTER TABLE evidence ADD COLUMN hold_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN hold_by TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN hold_at BIGINT;
-- the first of the two words that a destruction needs
ALTER TABLE evidence ADD COLUMN disposal_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN disposal_by TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN disposal_account TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN disposal_at BIGINT;
-- an attachment that was taken out of this mail
ALTER TABLE evidence ADD COLUMN taken_from TEXT REFERENCES evidence (id) ON DELETE RESTRICT;

CREATE INDEX evidence_by_offer ON evidence (offered_unit_id, offered_at, id);
CREATE INDEX evidence_by_offered_person ON evidence (offered_person_id, offered_at, id);
CREATE INDEX evidence_by_disposal ON evidence (disposal_at, id);

-- One act with one item. Only ever added; a wrong act is followed by a right one.
CREATE TABLE custody_acts (
    id           TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    evidence_id  TEXT NOT NULL REFERENCES evidence (id) ON DELETE RESTRICT,
    -- counted from 1 within the item
    number       BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    happened_at  BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    recorded_by  TEXT NOT NULL,
    -- the account behind the name: nobody receives what they gave themselves
    recorder_id  TEXT NOT NULL,
    -- who did it, and the unit they did it for
    person       TEXT NOT NULL,
    unit         TEXT NOT NULL,
    -- to whom it was given; empty for acts of one side
    to_person    TEXT NOT NULL,
    to_person_id TEXT REFERENCES people (id) ON DELETE RESTRICT,
    to_unit      TEXT NOT NULL,
    to_unit_id   TEXT REFERENCES units (id) ON DELETE RESTRICT,
    reason       TEXT NOT NULL,
    -- the number of the seal that was put on, or found
    seal         TEXT NOT NULL,
    place        TEXT NOT NULL,
    UNIQUE (evidence_id, number)
);

-- Pictures of an act: the seal, the signed record.
CREATE TABLE custody_photos (
    id          TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE RESTRICT,
    act_id      TEXT NOT NULL REFERENCES custody_acts (id) ON DELETE RESTRICT,
    evidence_id TEXT NOT NULL REFERENCES evidence (id) ON DELETE RESTRICT,
    file_id     TEXT NOT NULL REFERENCES files (id) ON DELETE RESTRICT,
    name        TEXT NOT NULL,
    size        BIGINT NOT NULL
);

CREATE INDEX custody_photos_by_item ON custody_photos (evidence_id, id);
CREATE INDEX custody_photos_by_file ON custody_photos (file_id, id);
