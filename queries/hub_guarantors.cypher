// Guarantors for many
// One row per party that stands behind several debtors on the day of the snapshot, most debtors first. Itself is none
// of them.
// param min_debtors integer = 5: at least so many debtors
// param limit integer = 50: at most so many rows
// returns guarantor_id: id of the guarantor
// returns name: its name
// returns kind: what it is
// returns debtors: number of parties it stands behind
// returns contracts: number of guarantees
// returns clients: how many of the debtors are clients
MATCH (s:Snapshot {complete: true})
MATCH (g:Party)-[r:GUARANTEES]->(d:Party)
WHERE g.id <> d.id AND coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
WITH g, count(DISTINCT d.id) AS debtors, count(r) AS contracts,
     count(DISTINCT CASE WHEN d.is_client THEN d.id ELSE null END) AS clients
WHERE debtors >= $min_debtors
RETURN g.id AS guarantor_id, g.name AS name, g.kind AS kind, debtors, contracts, clients
ORDER BY debtors DESC, guarantor_id
LIMIT $limit
