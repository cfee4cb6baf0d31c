// Parties with an owner in common
// One row per pair of parties that the same owner holds directly on the day of the snapshot, with the lower bounds of
// both shares.
// param min_share number = 0.0: least lower bound of each share; an unknown share counts as 0
// param limit integer = 200: at most so many rows
// returns owner_id: id of the owner
// returns owner_name: its name
// returns first_id: id of the one party
// returns first_share: lower bound of the owner's share in it, its parcels added
// returns second_id: id of the other
// returns second_share: lower bound of the owner's share in it
MATCH (day:Snapshot {complete: true})
MATCH (o:Party)-[r:OWNS]->(p:Party)
WHERE coalesce(r.from_on <= day.as_of, true) AND coalesce(r.to_on > day.as_of, true)
WITH day, o, p, r
ORDER BY r.row_key
WITH day, o, p, sum(coalesce(r.share_min, 0.0)) AS share
WHERE share >= $min_share
MATCH (o)-[s:OWNS]->(q:Party)
WHERE p.id < q.id AND coalesce(s.from_on <= day.as_of, true) AND coalesce(s.to_on > day.as_of, true)
WITH o, p, share, q, s
ORDER BY s.row_key
WITH o, p, share, q, sum(coalesce(s.share_min, 0.0)) AS second_share
WHERE second_share >= $min_share
RETURN o.id AS owner_id, o.name AS owner_name, p.id AS first_id, share AS first_share, q.id AS second_id, second_share
ORDER BY owner_id, first_id, second_id
LIMIT $limit
