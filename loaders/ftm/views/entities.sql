-- Each line as an entity, the first of an id; `party` says whether it can own, owe or be owned.
SELECT
    _record, record->>'$.id' AS id, record->>'$.schema' AS schema, record->'$.properties' AS props,
    row_number() OVER (PARTITION BY record->>'$.id' ORDER BY _record) > 1 AS again,
    (record->>'$.schema') IN ('Person', 'Company', 'Organization', 'LegalEntity', 'PublicBody') AS party,
    (record->>'$.schema') IN ('Ownership', 'Directorship', 'Family', 'Associate', 'Debt', 'Control') AS edge
FROM raw_entities
