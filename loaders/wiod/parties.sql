-- A party is an industry of a country: a sector of many firms, so its kind is not company.
SELECT
    _record,
    id AS party_id,
    country || ' industry ' || industry AS name,
    'unknown' AS kind,
    country,
    industry,
    'WIOD 2013 release, year 2011' AS source
FROM sectors
