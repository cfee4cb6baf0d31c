// Everything on one party
// One row: who it is, what it owes and stands for, its latest accounts.
// param id text: id of the party
// returns id: id of the party
// returns name: its name
// returns kind: what it is
// returns is_client: true where the bank has a relationship of its own with it
// returns status: its standing with the bank
// returns industry: its industry
// returns region: its region
// returns facilities: number of its facilities
// returns outstanding: sum drawn on them, in their own currencies
// returns guarantees_given: number of guarantees it gave
// returns guaranteed_out: sum of their caps
// returns guarantees_received: number of guarantees for its debt
// returns guaranteed_in: sum of their caps
// returns owners: number of owners on record
// returns holdings: number of parties in which it holds a share
// returns accounts_on: last day of its latest accounts
// returns equity: net assets in its latest accounts, in their own currency
MATCH (p:Party {id: $id})
OPTIONAL MATCH (p)-[:BORROWS]->(f:Facility)
WITH p, f
ORDER BY f.id
WITH p, count(f) AS facilities, sum(f.outstanding) AS outstanding
OPTIONAL MATCH (p)-[g:GUARANTEES]->(:Party)
WITH p, facilities, outstanding, g
ORDER BY g.guarantee_id
WITH p, facilities, outstanding, count(g) AS guarantees_given, sum(g.amount) AS guaranteed_out
OPTIONAL MATCH (p)<-[h:GUARANTEES]-(:Party)
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, h
ORDER BY h.guarantee_id
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, count(h) AS guarantees_received,
     sum(h.amount) AS guaranteed_in
OPTIONAL MATCH (p)<-[:OWNS]-(o:Party)
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, guarantees_received, guaranteed_in,
     count(DISTINCT o.id) AS owners
OPTIONAL MATCH (p)-[:OWNS]->(s:Party)
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, guarantees_received, guaranteed_in, owners,
     count(DISTINCT s.id) AS holdings
OPTIONAL MATCH (p)-[:REPORTED]->(a:Financials)
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, guarantees_received, guaranteed_in, owners, holdings, a
ORDER BY a.period_end_on DESC
WITH p, facilities, outstanding, guarantees_given, guaranteed_out, guarantees_received, guaranteed_in, owners, holdings,
     head(collect(a)) AS latest
RETURN p.id AS id, p.name AS name, p.kind AS kind, p.is_client AS is_client, p.status AS status,
       p.industry AS industry, p.region AS region, facilities, outstanding, guarantees_given, guaranteed_out,
       guarantees_received, guaranteed_in, owners, holdings, latest.period_end_on AS accounts_on,
       latest.equity AS equity
ORDER BY id
