// FinBench CR12: which firms a party paid, and how much
// One row per firm that a party paid in the window. Read as the public benchmark's read CR12: companies are parties that are no
// persons. Of the payments the latest are taken, at most `truncation_limit`.
// param id text: id of the party
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: payments that are taken, the latest first
// returns company_id: id of the firm
// returns paid: sum of the payments to it; null where they are in several currencies
// returns payments: their number
// returns currency: their currency; null where they are in several
// returns left_out: payments that were not taken because of truncation_limit; 0 = the answer is whole
MATCH (p:Party {id: $id})-[e:PAID]->(c:Party)
WHERE c.kind <> 'person' AND c.id <> p.id AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on, true)
WITH e, c
ORDER BY e.paid_on DESC, e.row_key
WITH collect({at: c.id, amount: e.amount, currency: e.currency}) AS found
WITH found[0..$truncation_limit] AS kept, size(found) - size(found[0..$truncation_limit]) AS left_out
UNWIND kept AS x
WITH left_out, x.at AS company_id, sum(x.amount) AS total, count(*) AS payments, min(x.currency) AS kept_in,
     count(DISTINCT x.currency) AS kinds
RETURN company_id, CASE WHEN kinds > 1 THEN null ELSE total END AS paid, payments,
       CASE WHEN kinds > 1 THEN null ELSE kept_in END AS currency, left_out
ORDER BY coalesce(paid, 0.0) DESC, company_id
