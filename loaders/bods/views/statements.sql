-- Each record of the files as a statement; `problem` says why it is none, `repeated` that its id came before.
WITH parsed AS (
    SELECT
        _record, _file, _line, record,
        record->>'$.statementId' AS statement_id,
        record->>'$.recordId' AS record_id,
        record->>'$.recordType' AS record_type,
        record->>'$.recordStatus' AS record_status,
        coalesce(record->>'$.statementDate', '') AS said_on,
        coalesce(record->>'$.publicationDetails.publicationDate', '') AS published_on,
        record->'$.recordDetails' AS details,
        coalesce(record->>'$.source.description', record->>'$.source.url',
                 record->>'$.publicationDetails.publisher.name') AS source
    FROM raw_statements
)
SELECT
    *,
    CASE
        WHEN record->>'$.statementType' IS NOT NULL
            THEN 'a statement of BODS 0.3 or earlier: convert it to 0.4 first'
        WHEN coalesce(statement_id, '') = '' THEN 'no BODS 0.4 statement: it has no statementId'
        WHEN coalesce(record_id, '') = '' THEN 'no BODS 0.4 statement: it has no recordId'
        WHEN record_type IS NULL OR record_type NOT IN ('entity', 'person', 'relationship')
            THEN 'no BODS 0.4 statement: recordType is none of entity, person, relationship'
        WHEN record_status IS NULL OR record_status NOT IN ('new', 'updated', 'closed')
            THEN 'no BODS 0.4 statement: recordStatus is none of new, updated, closed'
        WHEN details IS NULL OR json_type(details) <> 'OBJECT'
            THEN 'no BODS 0.4 statement: it has no recordDetails'
    END AS problem,
    row_number() OVER (PARTITION BY statement_id ORDER BY _record) > 1 AS repeated,
    record <> first_value(record) OVER (PARTITION BY statement_id ORDER BY _record) AS differs
FROM parsed
