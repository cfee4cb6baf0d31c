// FinBench CR8: where the money of a loan went, in up to three steps
// One row per party that the loan's money reached within three payments: those that name the loan, then what their payees
// paid on, and once more. A payment counts where it is more than `threshold` of what the payer received on the way (of the
// loan, at the first step). Read as the public benchmark's read CR8: each party's payments are followed once, at its shortest
// distance; what a payer received is what came to it there. The loan is its limit, else what is drawn. Payments in another
// currency than the loan's are not followed. From each party the latest payments are followed, at most `truncation_limit`.
// param facility_id text: id of the loan
// param threshold number = 0.0: part of what came in that a payment must exceed
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: payments followed from each party, the latest first
// returns payee_id: id of the party that the money reached; the borrower itself where it came back
// returns ratio: all that came to it on these ways over the loan; null where the loan is 0
// returns distance: payments on the shortest way from the loan
// returns left_out: payments that were not followed because of truncation_limit; 0 = the answer is whole
MATCH (p:Party)-[:BORROWS]->(f:Facility {id: $facility_id})
WITH p, f, coalesce(f.limit_amount, f.outstanding) AS lent
MATCH (p)-[e:PAID]->(a:Party)
WHERE e.facility_id = $facility_id AND a.id <> p.id AND e.currency = f.currency AND e.amount > $threshold * lent
  AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on, true)
WITH p, f, lent, e, a
ORDER BY e.paid_on DESC, e.row_key
WITH p, f, lent, collect({at: a.id, amount: e.amount, far: 1}) AS found
WITH lent, f.currency AS kept_in, size(found) - size(found[0..$truncation_limit]) AS left_out, [p.id] AS seen,
     found[0..$truncation_limit] AS edges
UNWIND CASE WHEN size([x IN edges WHERE x.far = 1 AND NOT x.at IN seen]) = 0 THEN [null]
       ELSE [x IN edges WHERE x.far = 1 AND NOT x.at IN seen] END AS x
WITH lent, kept_in, left_out, seen, edges, x.at AS at, sum(x.amount) AS inflow
ORDER BY at
WITH lent, kept_in, left_out, seen, edges, collect(CASE WHEN at IS NULL THEN null ELSE {at: at,
     inflow: inflow} END) AS level_1
WITH lent, kept_in, left_out, seen + [x IN level_1 | x.at] AS seen, edges, level_1
UNWIND CASE WHEN size(level_1) = 0 THEN [null] ELSE level_1 END AS node
OPTIONAL MATCH (a:Party {id: node.at})-[e:PAID]->(b:Party)
WHERE b.id <> a.id AND e.currency = kept_in AND e.amount > $threshold * node.inflow AND coalesce(e.paid_on >= $start_on,
     true) AND coalesce(e.paid_on <= $end_on, true)
WITH lent, kept_in, left_out, seen, edges, node.at AS at, e, b
ORDER BY at, e.paid_on DESC, e.row_key
WITH lent, kept_in, left_out, seen, edges, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, amount: e.amount, far: 2} END) AS found
ORDER BY at
WITH lent, kept_in, left_out, seen, edges, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH lent, kept_in, left_out + more AS left_out, seen, reduce(every = edges, part IN parts | every + part) AS edges
UNWIND CASE WHEN size([x IN edges WHERE x.far = 2 AND NOT x.at IN seen]) = 0 THEN [null]
       ELSE [x IN edges WHERE x.far = 2 AND NOT x.at IN seen] END AS x
WITH lent, kept_in, left_out, seen, edges, x.at AS at, sum(x.amount) AS inflow
ORDER BY at
WITH lent, kept_in, left_out, seen, edges, collect(CASE WHEN at IS NULL THEN null ELSE {at: at,
     inflow: inflow} END) AS level_2
WITH lent, kept_in, left_out, seen + [x IN level_2 | x.at] AS seen, edges, level_2
UNWIND CASE WHEN size(level_2) = 0 THEN [null] ELSE level_2 END AS node
OPTIONAL MATCH (a:Party {id: node.at})-[e:PAID]->(b:Party)
WHERE b.id <> a.id AND e.currency = kept_in AND e.amount > $threshold * node.inflow AND coalesce(e.paid_on >= $start_on,
     true) AND coalesce(e.paid_on <= $end_on, true)
WITH lent, kept_in, left_out, seen, edges, node.at AS at, e, b
ORDER BY at, e.paid_on DESC, e.row_key
WITH lent, kept_in, left_out, seen, edges, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, amount: e.amount, far: 3} END) AS found
ORDER BY at
WITH lent, kept_in, left_out, seen, edges, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH lent, kept_in, left_out + more AS left_out, seen, reduce(every = edges, part IN parts | every + part) AS edges
UNWIND edges AS x
WITH lent, left_out, x.at AS payee_id, sum(x.amount) AS inflow, min(x.far) AS distance
RETURN payee_id, CASE WHEN lent > 0 THEN inflow / lent ELSE null END AS ratio, distance, left_out
ORDER BY distance DESC, ratio DESC, payee_id
