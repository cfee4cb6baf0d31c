// Assets pledged more than once
// One row per asset that secures several facilities on the day of the snapshot: what it is worth, what hangs on it.
// param min_facilities integer = 2: at least so many facilities
// returns collateral_id: id of the asset
// returns name: what it is
// returns kind: class of asset
// returns value: appraised value
// returns currency: currency of the value
// returns facilities: ids of the facilities it secures
// returns outstanding: sum drawn on them; null where they are in several currencies
// returns borrowers: ids of the borrowers
// returns outstanding_currency: currency of the sum drawn
MATCH (s:Snapshot {complete: true})
MATCH (c:Collateral)<-[r:SECURED_BY]-(f:Facility)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
WITH DISTINCT c, f
ORDER BY f.id
WITH c, collect(f.id) AS facilities, collect(f.borrower_id) AS every, sum(f.outstanding) AS drawn,
     count(DISTINCT f.currency) AS currencies, max(f.currency) AS currency
WITH c, facilities, every, CASE WHEN currencies > 1 THEN null ELSE drawn END AS outstanding,
     CASE WHEN currencies > 1 THEN null ELSE currency END AS outstanding_currency
WHERE size(facilities) >= $min_facilities
UNWIND every AS borrower
WITH DISTINCT c, facilities, outstanding, outstanding_currency, borrower
ORDER BY borrower
RETURN c.id AS collateral_id, c.name AS name, c.kind AS kind, c.value AS value, c.currency AS currency, facilities,
       outstanding, collect(borrower) AS borrowers, outstanding_currency
ORDER BY collateral_id
