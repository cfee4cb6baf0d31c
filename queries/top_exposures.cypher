// The largest obligors
// One row per borrower and currency, largest sum drawn first.
// param limit integer = 20: at most so many rows
// returns party_id: id of the borrower
// returns name: its name
// returns industry: its industry
// returns currency: currency of the sums
// returns facilities: number of its facilities in that currency
// returns outstanding: sum drawn
// returns overdue: sum drawn on facilities that are past due
// returns worst_days_past_due: days of its oldest unpaid amount
MATCH (p:Party)-[:BORROWS]->(f:Facility)
WITH p, f.currency AS currency, f
ORDER BY f.id
WITH p, currency, count(f) AS facilities, sum(f.outstanding) AS outstanding,
     sum(CASE WHEN coalesce(f.days_past_due, 0) > 0 THEN f.outstanding ELSE 0.0 END) AS overdue,
     max(coalesce(f.days_past_due, 0)) AS worst_days_past_due
RETURN p.id AS party_id, p.name AS name, p.industry AS industry, currency, facilities, outstanding, overdue,
       worst_days_past_due
ORDER BY outstanding DESC, party_id, currency
LIMIT $limit
