-- Each line as a statement: what kind, about which company, by whom; `aside` says why it is not used.
WITH parsed AS (
    SELECT
        _record,
        upper(trim(record->>'$.company_number')) AS company,
        record->'$.data' AS data,
        coalesce(record->>'$.data.kind', '') AS kind
    FROM raw_statements
),
told AS (
    SELECT
        *,
        regexp_extract(data->>'$.links.self', '[^/]+$') AS self,
        nullif(data->>'$.notified_on', '') AS from_on,
        coalesce(nullif(data->>'$.ceased_on', ''), nullif(data->>'$.ceased', 'false')) AS ceased,
        kind LIKE 'individual%' AS individual,
        kind LIKE 'corporate-entity%' OR kind LIKE 'legal-person%' AS legal,
        kind LIKE 'super-secure%' AS secure,
        kind LIKE '%statement%' OR kind = 'exemptions' AS nobody,
        trim(coalesce(data->>'$.identification.registration_number', '')) AS number,
        lower(coalesce(data->>'$.identification.country_registered', data->>'$.identification.place_registered', ''))
            AS registered
    FROM parsed
)
SELECT
    *,
    CASE
        WHEN kind LIKE 'totals%' THEN 'the snapshot''s own count of its lines'
        WHEN coalesce(company, '') = '' THEN 'no PSC statement: it has no company_number'
        WHEN kind = '' OR NOT (individual OR legal OR secure OR nobody) THEN 'no PSC statement: its kind is not known'
        WHEN NOT (secure OR nobody) AND coalesce(json_array_length(data, '$.natures_of_control'), 0) = 0
            THEN 'no PSC statement: it states no nature of control'
        WHEN ceased IS NOT NULL THEN 'ceased: the person no longer has significant control'
    END AS aside,
    secure OR nobody AS hidden,
    -- a legal entity with a number of a UK register is the company of that number; everybody else is a party of its own
    CASE
        WHEN secure OR nobody THEN 'undisclosed:' || company || ':' || coalesce(nullif(self, ''), _record::VARCHAR)
        WHEN legal AND regexp_matches(number, '^[A-Za-z0-9]{2,8}$')
            AND (registered LIKE '%england%' OR registered LIKE '%wales%' OR registered LIKE '%scotland%'
                 OR registered LIKE '%united kingdom%' OR registered LIKE '%companies house%' OR registered IN ('uk', 'gb'))
            THEN CASE WHEN regexp_matches(number, '^[0-9]+$') THEN lpad(number, 8, '0') ELSE upper(number) END
        ELSE 'psc:' || company || ':' || coalesce(nullif(self, ''), _record::VARCHAR)
    END AS holder,
    CASE WHEN secure THEN kind
         WHEN nobody THEN coalesce(data->>'$.statement', kind)
    END AS reason
FROM told
