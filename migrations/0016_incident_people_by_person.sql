-- "In which incidents was this person drawn in?" is asked by every list of whoever does not see all incidents.

CREATE INDEX incident_people_by_person ON incident_people (person_id, incident_id);
