// Through whom two parties touch
// One row per party that both deal with on the day of the snapshot, and how each of them does.
// param first_id text: id of the one party
// param second_id text: id of the other
// returns between_id: id of the party between
// returns between_name: its name
// returns first_by: kinds of relationship with the one
// returns second_by: kinds of relationship with the other
MATCH (day:Snapshot {complete: true})
MATCH (a:Party {id: $first_id})-[r]-(m:Party)
WHERE m.id <> $second_id AND coalesce(r.from_on <= day.as_of, true) AND coalesce(r.to_on > day.as_of, true)
WITH DISTINCT day, m, type(r) AS kind
ORDER BY kind
WITH day, m, collect(kind) AS first_by
MATCH (m)-[s]-(b:Party {id: $second_id})
WHERE m.id <> $first_id AND coalesce(s.from_on <= day.as_of, true) AND coalesce(s.to_on > day.as_of, true)
WITH DISTINCT m, first_by, type(s) AS kind
ORDER BY kind
RETURN m.id AS between_id, m.name AS between_name, first_by, collect(kind) AS second_by
ORDER BY between_id
