// FinBench CR9: loans beside the money that runs through a party
// One row, read as the public benchmark's read CR9: deposit = loans that began in the window, repay = payments to banks that
// name one of its loans, transfers = payments from and to all others, of more than `threshold` each. Of each group the latest
// are taken, at most `truncation_limit`. A ratio is -1 where there is nothing to divide by, as the benchmark has it, and null
// where amounts are in several currencies.
// param id text: id of the party
// param threshold number = 0.0: an amount counts where it is larger
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// param truncation_limit integer = 500: loans and payments of each group that are taken, the latest first
// returns ratio_repay: loans over repayments
// returns ratio_deposit: loans over payments out
// returns ratio_transfer: payments in over payments out
// returns loans: sum of the loans
// returns repaid: sum of the repayments
// returns paid_in: sum of the payments in
// returns paid_out: sum of the payments out
// returns left_out: loans and payments that were not taken because of truncation_limit; 0 = the answer is whole
MATCH (p:Party {id: $id})
OPTIONAL MATCH (p)-[:BORROWS]->(f:Facility)
WITH p, f, coalesce(f.limit_amount, f.outstanding) AS lent,
     coalesce(f.start_on >= $start_on, true) AND coalesce(f.start_on <= $end_on, true) AS inside
ORDER BY coalesce(f.start_on, '0000-00-00') DESC, f.id
WITH p, collect(f.id) AS own, collect(CASE WHEN inside AND lent > $threshold THEN {v: lent, c: f.currency}
     ELSE null END) AS deposit
OPTIONAL MATCH (p)-[e:PAID]->(b:Party)
WHERE b.id <> p.id AND e.amount > $threshold AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on,
     true)
WITH p, own, deposit, e, b
ORDER BY e.paid_on DESC, e.row_key
WITH p, deposit,
     collect(CASE WHEN b.kind = 'bank' AND e.facility_id IN own THEN {v: e.amount, c: e.currency} ELSE null END) AS repay,
     collect(CASE WHEN b.kind = 'bank' AND e.facility_id IN own THEN null WHEN e IS NULL THEN null
             ELSE {v: e.amount, c: e.currency} END) AS out
OPTIONAL MATCH (a:Party)-[e:PAID]->(p)
WHERE a.id <> p.id AND e.amount > $threshold AND coalesce(e.paid_on >= $start_on, true) AND coalesce(e.paid_on <= $end_on,
     true)
WITH p, deposit, repay, out, e
ORDER BY e.paid_on DESC, e.row_key
WITH deposit, repay, out, collect(CASE WHEN e IS NULL THEN null ELSE {v: e.amount, c: e.currency} END) AS came
WITH deposit[0..$truncation_limit] AS deposit, repay[0..$truncation_limit] AS repay, out[0..$truncation_limit] AS out,
     came[0..$truncation_limit] AS came, size(deposit) + size(repay) + size(out) + size(came) AS every
WITH reduce(total = 0.0, x IN deposit | total + x.v) AS loans, reduce(total = 0.0, x IN repay | total + x.v) AS repaid,
     reduce(total = 0.0, x IN came | total + x.v) AS paid_in, reduce(total = 0.0, x IN out | total + x.v) AS paid_out,
     every - size(deposit) - size(repay) - size(out) - size(came) AS left_out,
     size(repay) AS repayments, size(out) AS outgoing, deposit + repay + out + came AS used
WITH loans, repaid, paid_in, paid_out, left_out, repayments, outgoing, all(x IN used WHERE x.c = used[0].c) AS one
RETURN CASE WHEN NOT one THEN null WHEN repayments = 0 OR repaid = 0 THEN -1.0 ELSE loans / repaid END AS ratio_repay,
       CASE WHEN NOT one THEN null WHEN outgoing = 0 OR paid_out = 0 THEN -1.0 ELSE loans / paid_out END AS ratio_deposit,
       CASE WHEN NOT one THEN null WHEN outgoing = 0 OR paid_out = 0 THEN -1.0 ELSE paid_in / paid_out END AS ratio_transfer,
       CASE WHEN one THEN loans ELSE null END AS loans, CASE WHEN one THEN repaid ELSE null END AS repaid,
       CASE WHEN one THEN paid_in ELSE null END AS paid_in, CASE WHEN one THEN paid_out ELSE null END AS paid_out, left_out
ORDER BY ratio_repay, left_out
