// Circles of guarantees
// One row per circle of two to six parties in which each stands behind the next and the last behind the first, by the
// guarantees that hold on the day of the snapshot.
// param limit integer = 100: at most so many circles
// returns length: number of parties in the circle
// returns parties: their ids, guarantor to debtor, the smallest id first
// returns contracts: number of ways through parallel contracts
// returns weakest: smallest cap on a circle, each arc at its largest contract
MATCH (s:Snapshot {complete: true})
MATCH path = (a:Party)-[:GUARANTEES*2..6]->(a)
WHERE all(r IN relationships(path) WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true))
WITH [n IN nodes(path) | n.id] AS ids, [r IN relationships(path) | r.amount] AS amounts
WITH ids[0..size(ids) - 1] AS ids, amounts
WHERE all(other IN ids WHERE ids[0] <= other)
  AND all(i IN range(0, size(ids) - 1) WHERE NOT ids[i] IN ids[i + 1..size(ids)])
WITH ids, reduce(low = amounts[0], amount IN amounts | CASE WHEN amount < low THEN amount ELSE low END) AS weakest
WITH ids, count(*) AS contracts, max(weakest) AS weakest
RETURN size(ids) AS length, ids AS parties, contracts, weakest
ORDER BY length, parties
LIMIT $limit
