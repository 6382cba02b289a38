-- How many campaigns of sweeping ended in a year: what the plan's task asks for.
CREATE INDEX campaigns_by_closing ON campaigns (closed_at, unit_id);
