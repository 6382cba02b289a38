-- What pages ask for each time, with years of records behind them.

-- How many new alerts a unit has.
CREATE INDEX alerts_new_by_unit ON alerts (unit_id, id) WHERE status = 'new';

-- What a person, or a unit where no person is named, must do.
CREATE INDEX deadlines_by_holder ON deadlines ((COALESCE(person_id, unit_id)), state, due_at, id);

-- Where fifty incidents stand, without reading the steps themselves.
CREATE INDEX incident_steps_by_incident ON incident_steps (incident_id, round, id, step, state, opened_at);
