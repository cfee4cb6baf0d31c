-- The companies that statements are about, and those who hold: one row a party, the better name first.
WITH named AS (
    SELECT upper(trim(CompanyNumber)) AS number, any_value(CompanyName) AS name FROM companies GROUP BY 1
),
told AS (
    SELECT
        _record, holder AS party_id,
        CASE WHEN hidden THEN '(undisclosed: ' || reason || ')'
             ELSE coalesce(data->>'$.name', nullif(concat_ws(' ', data->>'$.name_elements.forename',
                                                             data->>'$.name_elements.surname'), '')) END AS name,
        CASE WHEN hidden THEN 'unknown' WHEN individual THEN 'person' ELSE 'company' END AS kind,
        1 AS turn
    FROM statements
    WHERE aside IS NULL
    UNION ALL
    SELECT _record, company, company, 'company', 2 FROM statements WHERE aside IS NULL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY party_id ORDER BY turn, _record) AS place FROM told
)
SELECT
    _record,
    party_id,
    coalesce(named.name, ranked.name) AS name,
    kind,
    CASE WHEN kind = 'company' AND NOT starts_with(party_id, 'psc:') THEN 'GB' END AS country,
    CASE WHEN kind = 'company' AND NOT starts_with(party_id, 'psc:') THEN party_id END AS national_id,
    'UK PSC register' AS source
FROM ranked
LEFT JOIN named ON named.number = party_id
WHERE place = 1
