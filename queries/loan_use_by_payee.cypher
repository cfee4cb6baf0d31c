// What a loan was spent on, payee by payee
// One row per payee of the payments that name a loan: how much of the loan it received, and by which direct link of ownership,
// control or personal tie, on the day of the snapshot, it belongs to the borrower. The loan is its limit, else what is drawn.
// Payments in another currency than the loan's have no share. Of the payments the latest are taken, at most `truncation_limit`.
// param facility_id text: id of the loan
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: payments that are taken, the latest first
// returns payee_id: id of the payee
// returns payee_name: its name
// returns paid: sum of the payments to it
// returns currency: currency of the payments
// returns payments: their number
// returns share: part of the loan; null where the currency differs or the loan is 0
// returns related_by: kinds of direct links with the borrower; empty where there is none
// returns left_out: payments that were not taken because of truncation_limit; 0 = the answer is whole
MATCH (s:Snapshot {complete: true})
MATCH (p:Party)-[:BORROWS]->(f:Facility {id: $facility_id})
MATCH (p)-[e:PAID]->(a:Party)
WHERE e.facility_id = $facility_id AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on, true)
WITH s, p, f, e, a
ORDER BY e.paid_on DESC, e.row_key
WITH s, p, f, collect({at: a.id, amount: e.amount, currency: e.currency}) AS found
WITH s, p, f, found[0..$truncation_limit] AS kept, size(found) - size(found[0..$truncation_limit]) AS left_out
UNWIND kept AS x
WITH s, p, f, left_out, x.at AS payee_id, x.currency AS currency, sum(x.amount) AS paid, count(*) AS payments
MATCH (a:Party {id: payee_id})
OPTIONAL MATCH (p)-[r:OWNS|CONTROLS|TIED_TO]-(a)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
WITH f, left_out, a, currency, paid, payments, coalesce(r.kind, type(r)) AS link
ORDER BY link
WITH f, left_out, a, currency, paid, payments, collect(DISTINCT link) AS related_by
RETURN a.id AS payee_id, a.name AS payee_name, paid, currency, payments,
       CASE WHEN currency = f.currency AND coalesce(f.limit_amount, f.outstanding) > 0
            THEN paid / coalesce(f.limit_amount, f.outstanding) ELSE null END AS share, related_by, left_out
ORDER BY paid DESC, payee_id, currency
