-- What still has to be entered into the search index, noted in the transaction that changed it.

CREATE TABLE search_queue (
    id         TEXT PRIMARY KEY,
    table_name TEXT NOT NULL,
    row_id     TEXT NOT NULL
);
