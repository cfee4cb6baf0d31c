// Loan money that comes back to a related party
// One row per way of up to four payments: the first names a loan of the borrower, each follows within `days` days of the one
// before, and the last reaches the borrower or a party with a direct link of ownership, control or personal tie to it, on the day
// of the snapshot. A direct payment to a related party is a way of one. Nobody but the borrower stands twice on a way.
// From each way the latest payments are followed, at most `truncation_limit`.
// param id text = null: id of the borrower; without it every borrower
// param days integer = 30: at most so many days between two payments of a way
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 100: payments followed from each way, the latest first
// param limit integer = 200: at most so many rows
// returns facility_id: id of the loan
// returns borrower_id: id of the borrower
// returns related_id: id of the party that received the money in the end
// returns related_by: kinds of direct links with the borrower; "itself" where it is the borrower
// returns parties: ids in the order of the payments
// returns amounts: the payments; null where one is in another currency than the loan
// returns first_on: day of the first payment
// returns last_on: day of the last one
// returns returned: smallest payment on the way: at most so much came back
// returns left_out: payments that were not followed from this loan because of truncation_limit; with no related party: none was found
MATCH (s:Snapshot {complete: true})
MATCH (p:Party)-[:BORROWS]->(f:Facility)
WHERE p.id = $id OR $id IS NULL
MATCH (p)-[e:PAID]->(a:Party)
WHERE e.facility_id = f.id AND a.id <> p.id AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on,
     true)
WITH s, p, f, e, a
ORDER BY f.id, e.paid_on DESC, e.row_key
WITH s, p, f, collect({at: a.id, on: e.paid_on, on_first: e.paid_on, ids: [p.id, a.id], keys: [e.row_key],
     amounts: [e.amount], same: e.currency = f.currency}) AS found
WITH s, p, f, found[0..$truncation_limit] AS one, size(found) - size(found[0..$truncation_limit]) AS left_out
WITH s, p, f, left_out, one AS ways, one AS fresh
UNWIND CASE WHEN size([w IN fresh WHERE w.at <> p.id]) = 0 THEN [null] ELSE [w IN fresh WHERE w.at <> p.id] END AS way
OPTIONAL MATCH (a:Party {id: way.at})-[e:PAID]->(b:Party)
WHERE e.paid_on >= way.on AND date(e.paid_on) <= date(way.on) + duration({days: $days})
  AND NOT e.row_key IN way.keys AND (b.id = p.id OR NOT b.id IN way.ids) AND coalesce(e.paid_on >= $start_on, true)
     AND coalesce(e.paid_on <= $end_on, true)
WITH s, p, f, left_out, ways, way, e, b
ORDER BY f.id, way.keys, e.paid_on DESC, e.row_key
WITH s, p, f, left_out, ways, way, collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, on: e.paid_on,
     on_first: way.on_first, ids: way.ids + [b.id],
     keys: way.keys + [e.row_key], amounts: way.amounts + [e.amount], same: way.same
     AND e.currency = f.currency} END) AS found
ORDER BY f.id, way.keys
WITH s, p, f, left_out, ways, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, p, f, left_out + more AS left_out, ways, reduce(every = [], part IN parts | every + part) AS fresh
WITH s, p, f, left_out, ways + fresh AS ways, fresh
UNWIND CASE WHEN size([w IN fresh WHERE w.at <> p.id]) = 0 THEN [null] ELSE [w IN fresh WHERE w.at <> p.id] END AS way
OPTIONAL MATCH (a:Party {id: way.at})-[e:PAID]->(b:Party)
WHERE e.paid_on >= way.on AND date(e.paid_on) <= date(way.on) + duration({days: $days})
  AND NOT e.row_key IN way.keys AND (b.id = p.id OR NOT b.id IN way.ids) AND coalesce(e.paid_on >= $start_on, true)
     AND coalesce(e.paid_on <= $end_on, true)
WITH s, p, f, left_out, ways, way, e, b
ORDER BY f.id, way.keys, e.paid_on DESC, e.row_key
WITH s, p, f, left_out, ways, way, collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, on: e.paid_on,
     on_first: way.on_first, ids: way.ids + [b.id],
     keys: way.keys + [e.row_key], amounts: way.amounts + [e.amount], same: way.same
     AND e.currency = f.currency} END) AS found
ORDER BY f.id, way.keys
WITH s, p, f, left_out, ways, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, p, f, left_out + more AS left_out, ways, reduce(every = [], part IN parts | every + part) AS fresh
WITH s, p, f, left_out, ways + fresh AS ways, fresh
UNWIND CASE WHEN size([w IN fresh WHERE w.at <> p.id]) = 0 THEN [null] ELSE [w IN fresh WHERE w.at <> p.id] END AS way
OPTIONAL MATCH (a:Party {id: way.at})-[e:PAID]->(b:Party)
WHERE e.paid_on >= way.on AND date(e.paid_on) <= date(way.on) + duration({days: $days})
  AND NOT e.row_key IN way.keys AND (b.id = p.id OR NOT b.id IN way.ids) AND coalesce(e.paid_on >= $start_on, true)
     AND coalesce(e.paid_on <= $end_on, true)
WITH s, p, f, left_out, ways, way, e, b
ORDER BY f.id, way.keys, e.paid_on DESC, e.row_key
WITH s, p, f, left_out, ways, way, collect(CASE WHEN e IS NULL THEN null ELSE {at: b.id, on: e.paid_on,
     on_first: way.on_first, ids: way.ids + [b.id],
     keys: way.keys + [e.row_key], amounts: way.amounts + [e.amount], same: way.same
     AND e.currency = f.currency} END) AS found
ORDER BY f.id, way.keys
WITH s, p, f, left_out, ways, sum(size(found) - size(found[0..$truncation_limit])) AS more,
     collect(found[0..$truncation_limit]) AS parts
WITH s, p, f, left_out + more AS left_out, ways, reduce(every = [], part IN parts | every + part) AS fresh
WITH s, p, f, left_out, ways + fresh AS ways, fresh
UNWIND ways AS way
MATCH (q:Party {id: way.at})
OPTIONAL MATCH (p)-[r:OWNS|CONTROLS|TIED_TO]-(q)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true) AND q.id <> p.id
WITH p, f, left_out, way, CASE WHEN way.at = p.id THEN 'itself' ELSE coalesce(r.kind, type(r)) END AS link
ORDER BY link
WITH p, f, left_out, way, collect(DISTINCT link) AS related_by
ORDER BY way.keys
WITH p, f, left_out, collect(CASE WHEN size(related_by) = 0 THEN null ELSE {way: way, by: related_by,
     amounts: CASE WHEN way.same THEN way.amounts ELSE null END} END) AS every
UNWIND CASE WHEN size(every) = 0 AND left_out > 0 THEN [{by: []}] ELSE every END AS row
WITH p, f, left_out, row.way AS way, row.by AS related_by, row.amounts AS amounts
RETURN f.id AS facility_id, p.id AS borrower_id, way.at AS related_id, related_by, way.ids AS parties, amounts,
       way.on_first AS first_on, way.on AS last_on,
       reduce(low = amounts[0], amount IN amounts | CASE WHEN amount < low THEN amount ELSE low END) AS returned, left_out
ORDER BY coalesce(returned, 0.0) DESC, facility_id, parties, first_on, last_on, amounts
LIMIT $limit
