// Everything on one party
// One row: who it is, what it owes and stands for on the day of the snapshot, its latest accounts up to then. A guarantee
// of the party for itself does not count.
// param id text: id of the party
// returns id: id of the party
// returns name: its name
// returns kind: what it is
// returns is_client: true where the bank has a relationship of its own with it
// returns status: its standing with the bank
// returns industry: its industry
// returns region: its region
// returns facilities: number of its facilities
// returns outstanding: sum drawn on them; null where they are in several currencies
// returns guarantees_given: number of guarantees it gave
// returns guaranteed_out: sum of their caps; null where they are in several currencies
// returns guarantees_received: number of guarantees for its debt
// returns guaranteed_in: sum of their caps; null where they are in several currencies
// returns owners: number of owners on record
// returns holdings: number of parties in which it holds a share
// returns accounts_on: last day of its latest accounts
// returns equity: net assets in its latest accounts, in their own currency
// returns outstanding_currency: currency of the sum drawn
// returns guaranteed_out_currency: currency of the caps given
// returns guaranteed_in_currency: currency of the caps received
// returns equity_currency: currency of the accounts
MATCH (s:Snapshot {complete: true})
MATCH (p:Party {id: $id})
OPTIONAL MATCH (p)-[:BORROWS]->(f:Facility)
WITH s, p, f
ORDER BY f.id
WITH s, p, count(f) AS facilities, sum(f.outstanding) AS drawn, max(f.currency) AS drawn_in,
     count(DISTINCT f.currency) AS drawn_kinds
OPTIONAL MATCH (p)-[g:GUARANTEES]->(debtor:Party)
WHERE debtor.id <> $id AND coalesce(g.from_on <= s.as_of, true) AND coalesce(g.to_on > s.as_of, true)
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, g
ORDER BY g.guarantee_id
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, count(g) AS given, sum(g.amount) AS given_out,
     max(g.currency) AS given_in, count(DISTINCT g.currency) AS given_kinds
OPTIONAL MATCH (p)<-[h:GUARANTEES]-(guarantor:Party)
WHERE guarantor.id <> $id AND coalesce(h.from_on <= s.as_of, true) AND coalesce(h.to_on > s.as_of, true)
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds, h
ORDER BY h.guarantee_id
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds, count(h) AS received,
     sum(h.amount) AS received_out, max(h.currency) AS received_in, count(DISTINCT h.currency) AS received_kinds
OPTIONAL MATCH (p)<-[r:OWNS]-(o:Party)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds,
     received, received_out, received_in, received_kinds,
     count(DISTINCT o.id) AS owners
OPTIONAL MATCH (p)-[t:OWNS]->(firm:Party)
WHERE coalesce(t.from_on <= s.as_of, true) AND coalesce(t.to_on > s.as_of, true)
WITH s, p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds,
     received, received_out, received_in, received_kinds, owners,
     count(DISTINCT firm.id) AS holdings
OPTIONAL MATCH (p)-[:REPORTED]->(a:Financials)
WHERE a.period_end_on <= s.as_of
WITH p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds,
     received, received_out, received_in, received_kinds, owners, holdings, a
ORDER BY a.period_end_on DESC
WITH p, facilities, drawn, drawn_in, drawn_kinds, given, given_out, given_in, given_kinds,
     received, received_out, received_in, received_kinds, owners, holdings,
     head(collect(a)) AS latest
RETURN p.id AS id, p.name AS name, p.kind AS kind, p.is_client AS is_client, p.status AS status,
       p.industry AS industry, p.region AS region, facilities,
       CASE WHEN drawn_kinds > 1 THEN null ELSE drawn END AS outstanding, given AS guarantees_given,
       CASE WHEN given_kinds > 1 THEN null ELSE given_out END AS guaranteed_out, received AS guarantees_received,
       CASE WHEN received_kinds > 1 THEN null ELSE received_out END AS guaranteed_in, owners, holdings,
       latest.period_end_on AS accounts_on, latest.equity AS equity,
       CASE WHEN drawn_kinds > 1 THEN null ELSE drawn_in END AS outstanding_currency,
       CASE WHEN given_kinds > 1 THEN null ELSE given_in END AS guaranteed_out_currency,
       CASE WHEN received_kinds > 1 THEN null ELSE received_in END AS guaranteed_in_currency,
       latest.currency AS equity_currency
ORDER BY id
