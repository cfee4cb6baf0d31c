// FinBench CR11: the loans at the end of a guarantee chain
// One row: all parties behind whose debt a party stands, directly or through others, by guarantees that hold on the day of the
// snapshot and began in the window, and their loans. Read as the public benchmark's read CR11, up to five guarantees far; a
// guarantee without a first day is in every window. From each guarantor the largest contracts are followed, at most
// `truncation_limit`. A loan is its limit, else what is drawn.
// param id text: id of the guarantor
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: guarantees followed from each party, the largest first
// returns loans_sum: sum of their loans; null where they are in several currencies
// returns loans: number of their loans
// returns parties: number of parties in the chain, without the guarantor
// returns goes_on: true where somebody at the fifth step gave guarantees for others still
// returns left_out: guarantees that were not followed because of truncation_limit; 0 = the answer is whole
MATCH (s:Snapshot {complete: true})
MATCH (p:Party {id: $id})
WITH s, 0 AS left_out, [p.id] AS seen, [] AS reached, [p.id] AS level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE d.id <> g.id AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH s, seen, reached, left_out, at, e, d
ORDER BY at, e.amount DESC, e.guarantee_id
WITH s, seen, reached, left_out, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: d.id, far: 1, amount: e.amount, currency: e.currency,
     key: e.guarantee_id} END) AS found
ORDER BY at
WITH s, seen, reached, left_out, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, seen, reached, left_out + more AS left_out, reduce(every = [], part IN parts | every + part) AS added
WITH s, left_out, seen, reached + added AS reached,
     reduce(fresh = [], x IN added | CASE WHEN x.at IN seen OR x.at IN fresh THEN fresh ELSE fresh + [x.at] END) AS level
WITH s, left_out, seen + level AS seen, reached, level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE d.id <> g.id AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH s, seen, reached, left_out, at, e, d
ORDER BY at, e.amount DESC, e.guarantee_id
WITH s, seen, reached, left_out, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: d.id, far: 2, amount: e.amount, currency: e.currency,
     key: e.guarantee_id} END) AS found
ORDER BY at
WITH s, seen, reached, left_out, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, seen, reached, left_out + more AS left_out, reduce(every = [], part IN parts | every + part) AS added
WITH s, left_out, seen, reached + added AS reached,
     reduce(fresh = [], x IN added | CASE WHEN x.at IN seen OR x.at IN fresh THEN fresh ELSE fresh + [x.at] END) AS level
WITH s, left_out, seen + level AS seen, reached, level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE d.id <> g.id AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH s, seen, reached, left_out, at, e, d
ORDER BY at, e.amount DESC, e.guarantee_id
WITH s, seen, reached, left_out, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: d.id, far: 3, amount: e.amount, currency: e.currency,
     key: e.guarantee_id} END) AS found
ORDER BY at
WITH s, seen, reached, left_out, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, seen, reached, left_out + more AS left_out, reduce(every = [], part IN parts | every + part) AS added
WITH s, left_out, seen, reached + added AS reached,
     reduce(fresh = [], x IN added | CASE WHEN x.at IN seen OR x.at IN fresh THEN fresh ELSE fresh + [x.at] END) AS level
WITH s, left_out, seen + level AS seen, reached, level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE d.id <> g.id AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH s, seen, reached, left_out, at, e, d
ORDER BY at, e.amount DESC, e.guarantee_id
WITH s, seen, reached, left_out, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: d.id, far: 4, amount: e.amount, currency: e.currency,
     key: e.guarantee_id} END) AS found
ORDER BY at
WITH s, seen, reached, left_out, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, seen, reached, left_out + more AS left_out, reduce(every = [], part IN parts | every + part) AS added
WITH s, left_out, seen, reached + added AS reached,
     reduce(fresh = [], x IN added | CASE WHEN x.at IN seen OR x.at IN fresh THEN fresh ELSE fresh + [x.at] END) AS level
WITH s, left_out, seen + level AS seen, reached, level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE d.id <> g.id AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH s, seen, reached, left_out, at, e, d
ORDER BY at, e.amount DESC, e.guarantee_id
WITH s, seen, reached, left_out, at,
     collect(CASE WHEN e IS NULL THEN null ELSE {at: d.id, far: 5, amount: e.amount, currency: e.currency,
     key: e.guarantee_id} END) AS found
ORDER BY at
WITH s, seen, reached, left_out, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, seen, reached, left_out + more AS left_out, reduce(every = [], part IN parts | every + part) AS added
WITH s, left_out, seen, reached + added AS reached,
     reduce(fresh = [], x IN added | CASE WHEN x.at IN seen OR x.at IN fresh THEN fresh ELSE fresh + [x.at] END) AS level
WITH s, left_out, seen + level AS seen, reached, level
UNWIND CASE WHEN size(level) = 0 THEN [null] ELSE level END AS at
OPTIONAL MATCH (g:Party {id: at})-[e:GUARANTEES]->(d:Party)
WHERE NOT d.id IN seen AND coalesce(e.from_on <= s.as_of, true) AND coalesce(e.to_on > s.as_of, true)
  AND coalesce(e.from_on >= $start_on, true) AND coalesce(e.from_on <= $end_on, true)
WITH seen, left_out, count(e) > 0 AS goes_on
UNWIND CASE WHEN size(seen) = 1 THEN [null] ELSE seen[1..size(seen)] END AS at
OPTIONAL MATCH (d:Party {id: at})-[:BORROWS]->(f:Facility)
WITH seen, left_out, goes_on, f
ORDER BY f.id
WITH seen, left_out, goes_on, sum(coalesce(f.limit_amount, f.outstanding)) AS total, count(DISTINCT f.id) AS loans,
     count(DISTINCT f.currency) AS kinds
RETURN CASE WHEN kinds > 1 THEN null ELSE total END AS loans_sum, loans, size(seen) - 1 AS parties, goes_on, left_out
ORDER BY loans, parties
