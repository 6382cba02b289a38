CREATE TABLE search_entries (
    number    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    title     TEXT NOT NULL,
    detail    TEXT NOT NULL,
    url       TEXT NOT NULL,
    scope_id  TEXT NOT NULL,
    words     TEXT NOT NULL
);

CREATE INDEX search_entries_by_words ON search_entries USING GIN (to_tsvector('simple', words));
