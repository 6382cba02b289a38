-- From a telling, and from a letter, to the sending of a report that it belongs to.

CREATE INDEX report_sends_by_disclosure ON report_sends (disclosure_id, id);
CREATE INDEX report_sends_by_letter ON report_sends (letter_id, id);
CREATE INDEX report_sends_by_incident ON report_sends (incident_id, id);
