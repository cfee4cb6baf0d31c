-- One row per statement and nature of control, with what it goes to and its band.
WITH listed AS (
    SELECT _record, unnest(json_extract_string(data, '$.natures_of_control[*]')) AS nature
    FROM statements
    WHERE aside IS NULL AND NOT hidden
)
SELECT
    *,
    CASE
        WHEN nature LIKE 'ownership-of-shares%' OR nature LIKE 'right-to-share-surplus-assets%'
            OR nature LIKE 'part-right-to-share-surplus-assets%' THEN 'shares'
        WHEN nature LIKE 'voting-rights%' THEN 'votes'
        WHEN nature LIKE 'right-to-appoint-and-remove%' THEN 'board'
        ELSE 'other'
    END AS goes_to,
    CASE
        WHEN nature LIKE '%25-to-50-percent%' OR nature LIKE '%more-than-25-percent%' THEN 0.25
        WHEN nature LIKE '%50-to-75-percent%' THEN 0.5
        WHEN nature LIKE '%75-to-100-percent%' THEN 0.75
    END AS low,
    CASE
        WHEN nature LIKE '%25-to-50-percent%' THEN 0.5
        WHEN nature LIKE '%50-to-75-percent%' THEN 0.75
        WHEN nature LIKE '%75-to-100-percent%' OR nature LIKE '%more-than-25-percent%' THEN 1.0
    END AS high
FROM listed
