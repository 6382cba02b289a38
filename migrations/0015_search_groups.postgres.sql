-- Who looks for an incident does not walk through a million alerts: entries are found by kind, newest first, or by their
-- words, whichever is less work. The words are stored as they are compared. The index is built anew from what the product
-- holds.

DELETE FROM search_entries;
DELETE FROM search_queue;
DELETE FROM settings WHERE id = 'search_built';
DROP INDEX search_entries_by_words;
ALTER TABLE search_entries ADD COLUMN vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED;
CREATE INDEX search_entries_by_vector ON search_entries USING GIN (vector);
CREATE INDEX search_entries_by_kind ON search_entries (kind, number);
