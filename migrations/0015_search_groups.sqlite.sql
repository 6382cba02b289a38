-- Words of the two kinds of which there are very many stand apart from all others: who looks for an incident does not
-- walk through a million alerts. The index holds no copy of the words, and beginnings of up to six letters have their own
-- lists. It is built anew from what the product holds.

DROP TABLE search_words;
CREATE VIRTUAL TABLE search_words USING fts5 (words, tokenize = 'ascii', detail = 'none', prefix = '2 3 4 5 6', content = '', contentless_delete = 1);
CREATE VIRTUAL TABLE search_words_alert USING fts5 (words, tokenize = 'ascii', detail = 'none', prefix = '2 3 4 5 6', content = '', contentless_delete = 1);
CREATE VIRTUAL TABLE search_words_indicator USING fts5 (words, tokenize = 'ascii', detail = 'none', prefix = '2 3 4 5 6', content = '', contentless_delete = 1);
INSERT INTO search_words (search_words, rank) VALUES ('usermerge', 2);
INSERT INTO search_words_alert (search_words_alert, rank) VALUES ('usermerge', 2);
INSERT INTO search_words_indicator (search_words_indicator, rank) VALUES ('usermerge', 2);
DELETE FROM search_entries;
DELETE FROM search_queue;
DELETE FROM settings WHERE id = 'search_built';
