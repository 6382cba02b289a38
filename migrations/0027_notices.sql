-- The letter that carries a notice; absent: the bell only.
ALTER TABLE notices ADD COLUMN letter_id TEXT;
