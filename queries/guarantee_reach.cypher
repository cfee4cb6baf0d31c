// Whose debts a party stands behind, directly and through others
// One row per debtor within five guarantees of the party that hold on the day of the snapshot: how near, how many ways.
// A guarantee of a party for itself is no step.
// param id text: id of the guarantor
// param depth integer = 3: follow at most so many guarantees, 5 at the most
// returns debtor_id: id of the debtor
// returns debtor_name: its name
// returns steps: guarantees on the shortest way
// returns paths: number of ways
MATCH (s:Snapshot {complete: true})
MATCH path = (g:Party {id: $id})-[:GUARANTEES*1..5]->(d:Party)
WHERE all(r IN relationships(path) WHERE startNode(r).id <> endNode(r).id)
  AND all(r IN relationships(path) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH d, length(path) AS steps
WHERE steps <= $depth AND d.id <> $id
RETURN d.id AS debtor_id, d.name AS debtor_name, min(steps) AS steps, count(*) AS paths
ORDER BY steps, debtor_id
