// Guarantors who stand for more than they have
// One row per guarantor and currency of its guarantees that hold on the day of the snapshot, where the caps exceed its
// net assets or nobody knows these in that currency: first those without net assets, then those beyond them, then the
// unknown. A guarantee of a party for itself, or for a loan that it gave itself, does not count.
// param ratio number = 1.0: caps at least so many times the net assets, where these are known
// param limit integer = 100: at most so many rows
// returns party_id: id of the guarantor
// returns name: its name
// returns currency: currency of the sums
// returns contracts: number of guarantees given in that currency
// returns guaranteed_out: sum of their caps
// returns equity: net assets in its latest accounts; null where there are none, or in another currency
// returns times: caps over net assets; null where net assets are unknown, zero or less
// returns over_guarantee: no_net_assets, beyond_net_assets, unknown, or ok (for a ratio up to 1)
MATCH (s:Snapshot {complete: true})
MATCH (p:Party)-[g:GUARANTEES]->(d:Party)
WHERE p.id <> d.id AND coalesce(g.from_on <= s.as_of, true) AND coalesce(g.to_on > s.as_of, true)
OPTIONAL MATCH (d)-[:BORROWS]->(f:Facility)
WHERE f.id = g.facility_id AND f.lender_id = p.id
WITH s, p, g, count(f) AS own
WHERE own = 0
WITH s, p, g
ORDER BY g.guarantee_id
WITH s, p, g.currency AS currency, count(g) AS contracts, sum(g.amount) AS guaranteed_out
OPTIONAL MATCH (p)-[:REPORTED]->(a:Financials)
WHERE a.equity IS NOT NULL AND a.period_end_on <= s.as_of
WITH p, currency, contracts, guaranteed_out, a
ORDER BY a.period_end_on DESC
WITH p, currency, contracts, guaranteed_out, head(collect(a)) AS latest
WITH p, currency, contracts, guaranteed_out,
     CASE WHEN latest.currency = currency THEN latest.equity ELSE null END AS equity
WHERE equity IS NULL OR guaranteed_out >= $ratio * equity
WITH p, currency, contracts, guaranteed_out, equity,
     CASE WHEN equity IS NULL THEN 3 WHEN equity <= 0 THEN 1 WHEN guaranteed_out > equity THEN 2 ELSE 4 END AS class
RETURN p.id AS party_id, p.name AS name, currency, contracts, guaranteed_out, equity,
       CASE WHEN equity > 0 THEN guaranteed_out / equity ELSE null END AS times,
       CASE class WHEN 1 THEN 'no_net_assets' WHEN 2 THEN 'beyond_net_assets' WHEN 3 THEN 'unknown' ELSE 'ok' END
         AS over_guarantee
ORDER BY class, guaranteed_out DESC, party_id, currency
LIMIT $limit
