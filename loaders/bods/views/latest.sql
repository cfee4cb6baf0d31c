-- Statements of records, each once; `newer` counts the later statements of the same record.
SELECT
    *,
    row_number() OVER (
        PARTITION BY record_id
        ORDER BY said_on DESC, record_status = 'closed' DESC, record_status = 'updated' DESC,
                 published_on DESC, statement_id DESC
    ) - 1 AS newer
FROM statements
WHERE problem IS NULL AND NOT repeated
