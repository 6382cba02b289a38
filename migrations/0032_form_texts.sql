-- What an administrator wrote in place of the pack's words of a form. Every version is kept; the last one holds, and an
-- empty one gives the pack's words back.

CREATE TABLE form_texts (
    id       TEXT PRIMARY KEY,
    form     TEXT NOT NULL,
    ordinal  BIGINT NOT NULL,
    -- The whole form as JSON; empty: the pack's words.
    body     TEXT NOT NULL,
    note     TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    UNIQUE (form, ordinal)
);
