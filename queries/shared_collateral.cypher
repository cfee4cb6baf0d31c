// Assets pledged more than once
// One row per asset that secures several facilities: what it is worth, what hangs on it.
// param min_facilities integer = 2: at least so many facilities
// returns collateral_id: id of the asset
// returns name: what it is
// returns kind: class of asset
// returns value: appraised value
// returns currency: currency of the value
// returns facilities: ids of the facilities it secures
// returns outstanding: sum drawn on them, in their own currencies
// returns borrowers: ids of the borrowers
MATCH (c:Collateral)<-[:SECURED_BY]-(f:Facility)
WITH DISTINCT c, f
ORDER BY f.id
WITH c, collect(f.id) AS facilities, sum(f.outstanding) AS outstanding, collect(f.borrower_id) AS every
WHERE size(facilities) >= $min_facilities
UNWIND every AS borrower
WITH DISTINCT c, facilities, outstanding, borrower
ORDER BY borrower
RETURN c.id AS collateral_id, c.name AS name, c.kind AS kind, c.value AS value, c.currency AS currency, facilities,
       outstanding, collect(borrower) AS borrowers
ORDER BY collateral_id
