// Who a party deals with
// One row per relationship of the party with another on the day of the snapshot, of any kind and in both directions.
// param id text: id of the party
// param limit integer = 200: at most so many rows
// returns relation: kind of relationship
// returns direction: out where the party is its subject, in where it is its object
// returns other_id: id of the other party
// returns other_name: its name
// returns other_kind: what it is
// returns amount: amount of the relationship, where it has one
// returns currency: currency of the amount
MATCH (s:Snapshot {complete: true})
MATCH (p:Party {id: $id})-[r]-(q:Party)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
WITH p, r, q, CASE WHEN startNode(r).id = p.id THEN 'out' ELSE 'in' END AS direction
RETURN type(r) AS relation, direction, q.id AS other_id, q.name AS other_name, q.kind AS other_kind,
       r.amount AS amount, r.currency AS currency
ORDER BY relation, direction, other_id, amount, r.row_key
LIMIT $limit
