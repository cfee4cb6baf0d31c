// FinBench CR1: who was paid, in up to three steps, and shares a medium with somebody blocked
// One row per party that money of a party reached by at most three payments in the order of their days (payments of one day
// count in any order), and per medium that it shares with a blocked party. Read as the public benchmark's read CR1:
// account = party, transfer = payment, medium = a tie of one of `kinds`, blocked = a standing of `blocked`.
// From each way the latest payments are followed, at most `truncation_limit`; how many were not is in every row.
// param id text: id of the party
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param kinds list = phone,address,device: kinds of tie that are a medium
// param blocked list = defaulted,closed: standings that block
// param truncation_limit integer = 500: payments followed from each way at each step, the latest first
// returns other_id: id of the party that was paid
// returns distance: payments on the shortest way to it
// returns medium_id: id of the blocked party with which it shares a medium
// returns medium_type: kind of the medium
// returns left_out: payments that were not followed because of truncation_limit; 0 = the answer is whole; alone in a row: nothing was found
MATCH (s:Snapshot {complete: true})
MATCH (p:Party {id: $id})-[e:PAID]->(a:Party)
WHERE coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on, true)
WITH s, e, a
ORDER BY e.paid_on DESC, e.row_key
WITH s, collect({at: a.id, on: e.paid_on, keys: [e.row_key]}) AS found
WITH s, found[0..$truncation_limit] AS one, size(found) - size(found[0..$truncation_limit]) AS over_one
UNWIND CASE WHEN size(one) = 0 THEN [null] ELSE one END AS way
OPTIONAL MATCH (a:Party {id: way.at})-[e:PAID]->(b:Party)
WHERE e.paid_on >= way.on AND NOT e.row_key IN way.keys AND coalesce(e.paid_on >= $start_on, true)
     AND coalesce(e.paid_on <= $end_on, true)
WITH s, one, over_one, way.keys AS keys, e, b
ORDER BY keys, e.paid_on DESC, e.row_key
WITH s, one, over_one, keys, collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, on: e.paid_on,
     keys: keys + [e.row_key]} END) AS found
WITH s, one, over_one, keys, found[0..$truncation_limit] AS kept, size(found) - size(found[0..$truncation_limit]) AS beyond
ORDER BY keys
WITH s, one, over_one, sum(beyond) AS more, collect(kept) AS parts
WITH s, one, over_one + more AS over_two, reduce(every = [], part IN parts | every + part) AS two
UNWIND CASE WHEN size(two) = 0 THEN [null] ELSE two END AS way
OPTIONAL MATCH (a:Party {id: way.at})-[e:PAID]->(b:Party)
WHERE e.paid_on >= way.on AND NOT e.row_key IN way.keys AND coalesce(e.paid_on >= $start_on, true)
     AND coalesce(e.paid_on <= $end_on, true)
WITH s, one, two, over_two, way.keys AS keys, e, b
ORDER BY keys, e.paid_on DESC, e.row_key
WITH s, one, two, over_two, keys, collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, on: e.paid_on,
     keys: keys + [e.row_key]} END) AS found
WITH s, one, two, over_two, keys, found[0..$truncation_limit] AS kept,
     size(found) - size(found[0..$truncation_limit]) AS beyond
ORDER BY keys
WITH s, one, two, over_two, sum(beyond) AS more, collect(kept) AS parts
WITH s, one, two, over_two + more AS left_out, reduce(every = [], part IN parts | every + part) AS three
UNWIND [w IN one | {at: w.at, far: 1}] + [w IN two | {at: w.at, far: 2}] + [w IN three | {at: w.at, far: 3}] AS way
WITH s, left_out, way.at AS at, min(way.far) AS distance
OPTIONAL MATCH (q:Party {id: at})-[t:TIED_TO]-(m:Party)
WHERE q.id <> $id AND t.kind IN $kinds AND m.status IN $blocked AND m.id <> q.id
  AND coalesce(t.from_on <= s.as_of, true) AND coalesce(t.to_on > s.as_of, true)
WITH left_out, distance, at, m.id AS medium_id, t.kind AS medium_type
ORDER BY distance, at, medium_id, medium_type
WITH left_out, collect(DISTINCT CASE WHEN medium_id IS NULL THEN null
     ELSE {other: at, far: distance, medium: medium_id, kind: medium_type} END) AS shared
UNWIND CASE WHEN size(shared) = 0 AND left_out > 0 THEN [{other: null}] ELSE shared END AS row
RETURN row.other AS other_id, row.far AS distance, row.medium AS medium_id, row.kind AS medium_type, left_out
ORDER BY distance, other_id, medium_id, medium_type
