// Through whom two parties touch
// One row per party that both deal with, and how each of them does.
// param first_id text: id of the one party
// param second_id text: id of the other
// returns between_id: id of the party between
// returns between_name: its name
// returns first_by: kinds of relationship with the one
// returns second_by: kinds of relationship with the other
MATCH (a:Party {id: $first_id})-[r]-(m:Party)
WHERE m.id <> $second_id
WITH DISTINCT m, type(r) AS kind
ORDER BY kind
WITH m, collect(kind) AS first_by
MATCH (m)-[s]-(b:Party {id: $second_id})
WHERE m.id <> $first_id
WITH DISTINCT m, first_by, type(s) AS kind
ORDER BY kind
RETURN m.id AS between_id, m.name AS between_name, first_by, collect(kind) AS second_by
ORDER BY between_id
