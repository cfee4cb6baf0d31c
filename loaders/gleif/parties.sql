-- Entities of level 1; where no level 1 file was given, the ends of relationships under their LEI; placeholders of exceptions.
SELECT
    _record, trim(LEI) AS party_id, "Entity.LegalName" AS name,
    CASE "Entity.EntityCategory"
        WHEN 'FUND' THEN 'fund'
        WHEN 'SOLE_PROPRIETOR' THEN 'person'
        WHEN 'RESIDENT_GOVERNMENT_ENTITY' THEN 'public_body'
        WHEN 'INTERNATIONAL_ORGANIZATION' THEN 'public_body'
        ELSE 'company'
    END AS kind,
    "Entity.LegalAddress.Country" AS country,
    trim(LEI) AS lei,
    'GLEIF level 1' AS source
FROM entities
UNION ALL
SELECT min(_record), lei, lei, 'company', NULL, lei, 'GLEIF level 2'
FROM (
    SELECT _record, child AS lei FROM links WHERE aside IS NULL
    UNION ALL SELECT _record, parent FROM links WHERE aside IS NULL
    UNION ALL SELECT _record, lei FROM exceptions WHERE aside IS NULL
)
WHERE (SELECT count(*) FROM entities) = 0
GROUP BY lei
UNION ALL
SELECT _record, 'undisclosed:' || lei || ':' || category, '(undisclosed: ' || coalesce(reason, 'no reason given') || ')', 'unknown',
    NULL, NULL, 'GLEIF reporting exceptions'
FROM exceptions
WHERE aside IS NULL
