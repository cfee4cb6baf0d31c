// Sums of a guarantee chain, step by step
// One row per step away from a guarantor: the contracts that hold on the day of the snapshot and began in the window, whom they
// reach for the first time, and what these owe, up to five steps far. A guarantee without a first day is in every window. From
// each guarantor the largest contracts are followed, at most `truncation_limit`.
// param id text: id of the guarantor
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: guarantees followed from each party, the largest first
// returns step: guarantees away from the guarantor
// returns contracts: number of guarantees of this step
// returns guaranteed: sum of their caps; null where they are in several currencies
// returns debtors: ids of the debtors that are reached first at this step
// returns loans: number of these debtors' loans
// returns outstanding: sum drawn on them; null where they are in several currencies
// returns left_out: guarantees that were not followed because of truncation_limit, of all steps; 0 = the answer is whole
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
UNWIND reached AS x
WITH left_out, x
ORDER BY x.far, x.key
WITH left_out, x.far AS step, count(*) AS contracts, sum(x.amount) AS total, collect(DISTINCT x.currency) AS kinds,
     collect(DISTINCT x.at) AS ends_at
ORDER BY step
WITH left_out, collect({step: step, contracts: contracts, total: total, kinds: size(kinds), at: ends_at}) AS rows
WITH left_out, rows, [i IN range(0, size(rows) - 1) | [x IN rows[i].at WHERE x <> $id AND all(j IN range(0,
     i - 1) WHERE NOT x IN rows[j].at)]] AS fresh
UNWIND range(0, size(rows) - 1) AS i
UNWIND CASE WHEN size(fresh[i]) = 0 THEN [null] ELSE fresh[i] END AS at
OPTIONAL MATCH (d:Party {id: at})-[:BORROWS]->(f:Facility)
WITH left_out, rows[i] AS row, at, f
ORDER BY at, f.id
WITH left_out, row.step AS step, row.contracts AS contracts, row.total AS total, row.kinds AS kinds,
     collect(DISTINCT at) AS debtors, count(DISTINCT f.id) AS loans,
     sum(f.outstanding) AS drawn, count(DISTINCT f.currency) AS drawn_kinds
RETURN step, contracts, CASE WHEN kinds > 1 THEN null ELSE total END AS guaranteed, debtors, loans,
       CASE WHEN drawn_kinds > 1 THEN null ELSE drawn END AS outstanding, left_out
ORDER BY step
