// Guarantors who stand for more than they have
// One row per guarantor whose caps, of guarantees that hold on the day of the snapshot, exceed its net assets, where
// accounts and caps are in one currency.
// param ratio number = 1.0: caps at least so many times the net assets
// param limit integer = 100: at most so many rows
// returns party_id: id of the guarantor
// returns name: its name
// returns currency: currency of the sums
// returns contracts: number of guarantees given in that currency
// returns guaranteed_out: sum of their caps
// returns equity: net assets in its latest accounts
// returns times: caps over net assets; null where net assets are zero or less
MATCH (s:Snapshot {complete: true})
MATCH (p:Party)-[:REPORTED]->(a:Financials)
WHERE a.equity IS NOT NULL AND a.period_end_on <= s.as_of
WITH s, p, a
ORDER BY p.id, a.period_end_on DESC
WITH s, p, head(collect(a)) AS latest
MATCH (p)-[g:GUARANTEES]->(:Party)
WHERE g.currency = latest.currency AND coalesce(g.from_on <= s.as_of, true) AND coalesce(g.to_on > s.as_of, true)
WITH p, latest, g
ORDER BY g.guarantee_id
WITH p, latest, count(g) AS contracts, sum(g.amount) AS guaranteed_out
WHERE guaranteed_out >= $ratio * latest.equity
RETURN p.id AS party_id, p.name AS name, latest.currency AS currency, contracts, guaranteed_out,
       latest.equity AS equity,
       CASE WHEN latest.equity > 0 THEN guaranteed_out / latest.equity ELSE null END AS times
ORDER BY guaranteed_out DESC, party_id
LIMIT $limit
