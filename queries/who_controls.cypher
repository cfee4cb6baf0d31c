// Who is at the top of a party
// One row per owner or controller within six links upward, on the day of the snapshot, that is a person, that nobody
// else owns or controls, or that is owned and controlled only by parties below itself: owners that own one another in a
// circle, where no owner stands above them. The last are in_circle, and the circle is named.
// param id text: id of the party
// returns controller_id: id of the owner or controller
// returns controller_name: its name
// returns controller_kind: what it is
// returns steps: links on the shortest way
// returns share_floor: largest product of the lower bounds of the shares along one way; null where a link has none
// returns by_control: true where some way holds a link of control
// returns in_circle: true where it owns or controls itself, through at most six others or by a holding of its own
// returns circle: ids on the shortest way from it back to itself; null where there is none
MATCH (s:Snapshot {complete: true})
MATCH path = (c:Party)-[:OWNS|CONTROLS*1..6]->(p:Party {id: $id})
WHERE c.id <> $id
  AND all(r IN relationships(path) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH s, c, relationships(path) AS links, length(path) AS steps
WITH s, c, steps, reduce(share = 1.0, r IN links | share * r.share_min) AS share,
     any(r IN links WHERE type(r) = 'CONTROLS') AS control
WITH s, c, min(steps) AS steps, max(share) AS share_floor, max(CASE WHEN control THEN 1 ELSE 0 END) = 1 AS by_control
OPTIONAL MATCH up = (a:Party)-[:OWNS|CONTROLS*1..6]->(c)
WHERE a.id <> c.id
  AND all(r IN relationships(up) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH s, c, steps, share_floor, by_control, collect(DISTINCT a.id) AS above
OPTIONAL MATCH down = (c)-[:OWNS|CONTROLS*1..7]->(b:Party)
WHERE b.id IN above
  AND all(r IN relationships(down) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH s, c, steps, share_floor, by_control, above, count(DISTINCT b.id) AS returning
WHERE c.kind = 'person' OR returning = size(above)
OPTIONAL MATCH ring = (c)-[:OWNS|CONTROLS*1..7]->(c)
WHERE all(r IN relationships(ring) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH c, steps, share_floor, by_control, [n IN nodes(ring) | n.id] AS ids, length(ring) AS around
ORDER BY around, ids
WITH c, steps, share_floor, by_control, head(collect(ids)) AS circle
RETURN c.id AS controller_id, c.name AS controller_name, c.kind AS controller_kind, steps, share_floor, by_control,
       circle IS NOT NULL AS in_circle, circle
ORDER BY steps, controller_id
