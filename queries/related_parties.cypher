// Who is related to a party by ownership, control, or personal and administrative ties
// One row per party within three such links that hold on the day of the snapshot, with the shortest number of links.
// param id text: id of the party
// param depth integer = 2: follow at most so many links, 3 at the most
// returns related_id: id of the related party
// returns related_name: its name
// returns related_kind: what it is
// returns steps: links on the shortest way
// returns is_client: true where it is a client too
MATCH (s:Snapshot {complete: true})
MATCH path = (p:Party {id: $id})-[:OWNS|CONTROLS|TIED_TO*1..3]-(q:Party)
WHERE all(r IN relationships(path) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH q, length(path) AS steps
WHERE steps <= $depth AND q.id <> $id
RETURN q.id AS related_id, q.name AS related_name, q.kind AS related_kind, min(steps) AS steps,
       coalesce(q.is_client, false) AS is_client
ORDER BY steps, related_id
