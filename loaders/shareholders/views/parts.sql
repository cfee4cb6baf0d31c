-- Shares and votes as the text of a number with what stands around it: WO, MO, >50, 25-50, 12.5 %, n.a., 1,234.5.
WITH texts AS (
    SELECT _record, 'share' AS what, share AS said FROM told
    UNION ALL
    SELECT _record, 'votes', votes FROM told
),
cleaned AS (
    SELECT
        *,
        upper(replace(replace(replace(replace(replace(trim(coalesce(said, '')), '％', '%'), '≥', '>='), '≤', '<='), ' ', ''), '～', '-')) AS word
    FROM texts
),
bare AS (SELECT *, contains(word, '%') AS percent_sign, replace(word, '%', '') AS body FROM cleaned),
numbered AS (
    SELECT
        *,
        -- 1,234.5 and 1,234 have separators of thousands; 12,5 has a decimal comma
        CASE WHEN regexp_matches(body, '^[<>=]*[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$') THEN replace(body, ',', '')
             WHEN regexp_matches(body, '^[<>=]*[0-9]+,[0-9]+$') THEN replace(body, ',', '.')
             ELSE body END AS figure
    FROM bare
)
SELECT
    *,
    CASE
        WHEN word IN ('', '-', '--', 'N.A.', 'N.A', 'NA', 'N/A', 'NULL', 'NONE', '不详', '未知', '未披露', 'CTP', 'DM', 'FC', 'VE', 'T', 'GP', 'BR', 'REG', 'ADV')
            THEN 'unknown'
        WHEN word IN ('WO', 'WHOLLYOWNED', '全资') THEN 'whole'
        WHEN word IN ('MO', 'CQP1', 'MAJORITYOWNED', '控股') THEN 'majority'
        WHEN word IN ('NG', 'NEGLIGIBLE') THEN 'negligible'
        WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+(E-?[0-9]+)?$') THEN 'exact'
        WHEN regexp_matches(figure, '^>=?[0-9]*\.?[0-9]+$') THEN 'above'
        WHEN regexp_matches(figure, '^<=?[0-9]*\.?[0-9]+$') THEN 'below'
        WHEN regexp_matches(figure, '^[0-9]*\.?[0-9]+-[0-9]*\.?[0-9]+$') THEN 'between'
        ELSE 'unread'
    END AS form,
    try_cast(regexp_extract(figure, '([0-9]*\.?[0-9]+(E-?[0-9]+)?)', 1) AS DOUBLE) AS first,
    try_cast(regexp_extract(figure, '-([0-9]*\.?[0-9]+)$', 1) AS DOUBLE) AS second
FROM numbered
