-- Edges with both ends (every pair where an end names several), dates and the text of the percentage.
WITH ends AS (
    SELECT
        _record, id, schema, props,
        CASE schema
            WHEN 'Ownership' THEN json_extract_string(props, '$.owner[*]')
            WHEN 'Directorship' THEN json_extract_string(props, '$.director[*]')
            WHEN 'Family' THEN json_extract_string(props, '$.person[*]')
            WHEN 'Associate' THEN json_extract_string(props, '$.person[*]')
            WHEN 'Debt' THEN json_extract_string(props, '$.creditor[*]')
            WHEN 'Control' THEN json_extract_string(props, '$.controller[*]')
        END AS sources,
        CASE schema
            WHEN 'Ownership' THEN json_extract_string(props, '$.asset[*]')
            WHEN 'Directorship' THEN json_extract_string(props, '$.organization[*]')
            WHEN 'Family' THEN json_extract_string(props, '$.relative[*]')
            WHEN 'Associate' THEN json_extract_string(props, '$.associate[*]')
            WHEN 'Debt' THEN json_extract_string(props, '$.debtor[*]')
            WHEN 'Control' THEN json_extract_string(props, '$.controlled[*]')
        END AS targets
    FROM entities
    WHERE edge AND NOT again
),
crossed AS (
    SELECT * EXCLUDE (targets), unnest(targets) AS target
    FROM (SELECT * EXCLUDE (sources), unnest(sources) AS source FROM ends)
),
told AS (
    SELECT
        *,
        props->>'$.startDate[0]' AS starts, props->>'$.endDate[0]' AS ends,
        -- several percentages of one edge contradict each other: unknown
        CASE WHEN json_array_length(props, '$.percentage') = 1 THEN props->>'$.percentage[0]' END AS percentage,
        json_array_length(props, '$.percentage') > 1 AS several
    FROM crossed
),
spelled AS (
    SELECT *, replace(replace(replace(replace(trim(percentage), '%', ''), ' ', ''), '％', ''), ',', '.') AS figure FROM told
)
SELECT
    * EXCLUDE (starts, ends),
    CASE length(starts) WHEN 4 THEN starts || '-01-01' WHEN 7 THEN starts || '-01' ELSE left(starts, 10) END AS from_on,
    CASE length(ends)
        WHEN 4 THEN strftime(try_cast(ends || '-01-01' AS DATE) + INTERVAL 1 YEAR, '%Y-%m-%d')
        WHEN 7 THEN strftime(try_cast(ends || '-01' AS DATE) + INTERVAL 1 MONTH, '%Y-%m-%d')
        ELSE left(ends, 10)
    END AS to_on,
    CASE WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+$') THEN figure::DOUBLE / 100
         WHEN regexp_matches(figure, '^>=?[0-9]*\.?[0-9]+$') THEN ltrim(figure, '>=')::DOUBLE / 100
         WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+-[0-9]*\.?[0-9]+$') THEN split_part(figure, '-', 1)::DOUBLE / 100
         WHEN regexp_matches(figure, '^<=?[0-9]*\.?[0-9]+$') THEN 0.0 END AS low,
    CASE WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+$') THEN figure::DOUBLE / 100
         WHEN regexp_matches(figure, '^<=?[0-9]*\.?[0-9]+$') THEN ltrim(figure, '<=')::DOUBLE / 100
         WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+-[0-9]*\.?[0-9]+$') THEN split_part(figure, '-', 2)::DOUBLE / 100
         WHEN regexp_matches(figure, '^>=?[0-9]*\.?[0-9]+$') THEN 1.0 END AS high,
    regexp_matches(figure, '^>[0-9.]') AS low_open,
    regexp_matches(figure, '^<[0-9.]') AS high_open,
    (SELECT any_value(e.schema) FROM entities e WHERE e.id = target AND NOT e.again) AS target_schema,
    (SELECT bool_or(e.party) FROM entities e WHERE e.id = target AND NOT e.again) AS target_party
FROM spelled
