// Who is at the top of a party
// One row per owner or controller within six links upward, on the day of the snapshot, that nobody owns or controls in
// turn, or that is a person.
// param id text: id of the party
// returns controller_id: id of the owner or controller
// returns controller_name: its name
// returns controller_kind: what it is
// returns steps: links on the shortest way
// returns share_floor: largest product of the lower bounds of the shares along one way; null where a link has none
// returns by_control: true where some way holds a link of control
MATCH (s:Snapshot {complete: true})
MATCH path = (c:Party)-[:OWNS|CONTROLS*1..6]->(p:Party {id: $id})
WHERE all(r IN relationships(path) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
OPTIONAL MATCH (:Party)-[up:OWNS|CONTROLS]->(c)
WHERE coalesce(up.from_on <= s.as_of, true) AND coalesce(up.to_on > s.as_of, true)
WITH c, path, count(up) AS above
WHERE c.id <> $id AND (c.kind = 'person' OR above = 0)
WITH c, relationships(path) AS links, length(path) AS steps
WITH c, steps, reduce(share = 1.0, r IN links | share * r.share_min) AS share,
     any(r IN links WHERE type(r) = 'CONTROLS') AS control
RETURN c.id AS controller_id, c.name AS controller_name, c.kind AS controller_kind, min(steps) AS steps,
       max(share) AS share_floor, max(CASE WHEN control THEN 1 ELSE 0 END) = 1 AS by_control
ORDER BY steps, controller_id
