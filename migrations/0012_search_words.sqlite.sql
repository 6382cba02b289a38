-- The search asks which entries carry a word, never where in it: the index keeps only that and is half the size.
-- The index is built anew from what the product holds.

DROP TABLE search_words;
CREATE VIRTUAL TABLE search_words USING fts5 (words, tokenize = 'ascii', detail = 'none', prefix = '2 3 4');
DELETE FROM search_entries;
DELETE FROM settings WHERE id = 'search_built';
