-- Checkpoints over the heads of the journal's streams, signed; the public keys that check them; time-stamps from outside.

CREATE TABLE checkpoint_keys (
    id          TEXT PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    public_key  TEXT NOT NULL UNIQUE,
    valid_from  BIGINT NOT NULL,
    valid_to    BIGINT,
    -- The number of the key that signed for this one; absent for the first, and after one that was lost.
    endorsed_by BIGINT,
    -- The signature of that key over this one, or this key's own.
    endorsement TEXT NOT NULL,
    reason      TEXT NOT NULL,
    made_by     TEXT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE TABLE checkpoints (
    id          TEXT PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    at          BIGINT NOT NULL,
    -- Whatever changed before this moment is in this checkpoint or an earlier one.
    complete_to BIGINT NOT NULL,
    streams     BIGINT NOT NULL,
    root        TEXT NOT NULL,
    previous    TEXT NOT NULL,
    key_number  BIGINT NOT NULL,
    signature   TEXT NOT NULL,
    hash        TEXT NOT NULL
);

-- The streams that had grown since the checkpoint before, in the order of their names.
CREATE TABLE checkpoint_heads (
    id         TEXT PRIMARY KEY,
    checkpoint BIGINT NOT NULL,
    stream     TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    hash       TEXT NOT NULL,
    UNIQUE (checkpoint, stream)
);

CREATE INDEX checkpoint_heads_by_stream ON checkpoint_heads (stream, seq);

CREATE TABLE checkpoint_timestamps (
    id         TEXT PRIMARY KEY,
    checkpoint BIGINT NOT NULL UNIQUE,
    at         BIGINT NOT NULL,
    authority  TEXT NOT NULL,
    -- The authority's answer as it came (RFC 3161), base 64.
    token      TEXT NOT NULL
);
