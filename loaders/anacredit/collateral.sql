-- Things pledged.
SELECT
    _record, id AS collateral_id,
    CASE type WHEN '1' THEN 'other' WHEN '2' THEN 'cash' WHEN '3' THEN 'shares' WHEN '5' THEN 'shares' WHEN '8' THEN 'receivables'
        WHEN '10' THEN 'real_estate' WHEN '11' THEN 'real_estate' WHEN '12' THEN 'real_estate' WHEN '13' THEN 'equipment'
        ELSE 'other' END AS kind,
    provider AS owner_id, value, 'EUR' AS currency, 'AnaCredit' AS source
FROM protections
WHERE NOT promise
