-- Reporting exceptions: a parent exists or not, and is not told, with the reason; of direct and ultimate the direct one counts.
WITH told AS (
    SELECT
        _record, trim(LEI) AS lei, "Exception.Category" AS category, "Exception.Reason.1" AS reason,
        bool_or("Exception.Category" LIKE 'DIRECT%') OVER (PARTITION BY trim(LEI)) AS has_direct
    FROM reporting_exceptions
)
SELECT
    *,
    CASE
        WHEN coalesce(lei, '') = '' THEN 'no exception: it has no LEI'
        WHEN category LIKE 'ULTIMATE%' AND has_direct THEN 'the exception of the ultimate parent: that of the direct one counts'
        WHEN (SELECT count(*) FROM entities) > 0 AND lei NOT IN (SELECT trim(LEI) FROM entities)
            THEN 'its entity is in no level 1 file that was given'
    END AS aside
FROM told
