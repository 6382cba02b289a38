-- The search index on SQLite: what is shown, and the words in a full-text table under the same number.

CREATE TABLE search_entries (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    title     TEXT NOT NULL,
    detail    TEXT NOT NULL,
    url       TEXT NOT NULL,
    scope_id  TEXT NOT NULL
);

CREATE VIRTUAL TABLE search_words USING fts5 (words, tokenize = 'ascii', prefix = '2 3 4');
