-- Each line with the section it stands in; the header line says how many vertices there are.
WITH lines AS (
    UNPIVOT (SELECT * EXCLUDE (_file, _line), concat(_file, '') AS file_name, _line::BIGINT AS line_number FROM network)
    ON COLUMNS(* EXCLUDE (_record, file_name, line_number)) INTO NAME header VALUE said
),
marked AS (
    SELECT
        *, trim(said) AS body,
        CASE WHEN starts_with(trim(said), '*') THEN lower(regexp_extract(trim(said), '^\*([A-Za-z]+)', 1)) END AS opens
    FROM lines
)
SELECT
    _record, file_name, line_number, body, opens,
    coalesce(last_value(opens IGNORE NULLS) OVER (PARTITION BY file_name ORDER BY line_number
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        CASE WHEN lower(trim(header)) LIKE '*vertices%' THEN 'vertices' END) AS section,
    regexp_split_to_array(body, '\s+') AS words
FROM marked
