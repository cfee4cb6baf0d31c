-- Entities and persons, as their latest statement has them; below them one placeholder for each declared holding whose
-- holder is not disclosed.
SELECT
    _record,
    record_id AS party_id,
    coalesce(
        CASE record_type
            WHEN 'entity' THEN details->>'$.name'
            ELSE coalesce(
                list_filter(json_extract(details, '$.names[*]'), lambda n: n->>'$.type' = 'legal')[1]->>'$.fullName',
                details->>'$.names[0].fullName',
                nullif(concat_ws(' ', details->>'$.names[0].givenName', details->>'$.names[0].familyName'), '')
            )
        END,
        -- no name is made up: the record itself says why it has none
        '(' || coalesce(details->>'$.personType', details->>'$.entityType.type') || ': '
            || coalesce(details->>'$.unspecifiedPersonDetails.reason', details->>'$.unspecifiedEntityDetails.reason')
            || ')',
        CASE WHEN coalesce(details->>'$.personType', details->>'$.entityType.type')
                  IN ('unknownPerson', 'anonymousPerson', 'unknownEntity', 'anonymousEntity')
             THEN '(' || coalesce(details->>'$.personType', details->>'$.entityType.type') || ')' END
    ) AS name,
    CASE
        WHEN record_type = 'person' THEN 'person'
        WHEN details->>'$.entityType.subtype' = 'nomination' THEN 'nominee'
        ELSE CASE details->>'$.entityType.type'
            WHEN 'registeredEntity' THEN 'company'
            WHEN 'legalEntity' THEN 'company'
            WHEN 'arrangement' THEN 'fund'
            WHEN 'state' THEN 'public_body'
            WHEN 'stateBody' THEN 'public_body'
            ELSE 'unknown'
        END
    END AS kind,
    upper(coalesce(details->>'$.incorporatedInJurisdiction.code', details->>'$.jurisdiction.code',
                   details->>'$.nationalities[0].code')) AS country,
    list_filter(json_extract(details, '$.identifiers[*]'), lambda i: i->>'$.scheme' = 'XI-LEI')[1]->>'$.id' AS lei,
    list_filter(json_extract(details, '$.identifiers[*]'),
                lambda i: coalesce(i->>'$.scheme', '') <> 'XI-LEI')[1]->>'$.id' AS national_id,
    -- a day, or nothing: a month or a year is not made into a day
    strftime(try_cast(left(coalesce(details->>'$.foundingDate', details->>'$.birthDate'), 10) AS DATE), '%Y-%m-%d')
        AS incorporated_on,
    details->>'$.publicListing.hasPublicListing' AS listed,
    source
FROM latest
WHERE newer = 0 AND record_status <> 'closed' AND record_type <> 'relationship'
    AND record_id NOT IN (SELECT stated_id FROM links WHERE shared_unknown)
UNION ALL
SELECT
    _record,
    holder_id,
    '(undisclosed: ' || why_hidden || ')',
    'unknown',
    NULL, NULL, NULL, NULL, NULL,
    source
FROM links
WHERE placeholder AND _record IN (SELECT _record FROM interests WHERE goes_to <> 'indirect')
