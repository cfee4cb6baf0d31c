-- Interests of the links that stand, one a row, and where each goes: ownership, control, ties, or nowhere because the
-- holding is indirect: its component records carry it, and counting both would double it. A link that names no
-- interest is a holding of unknown size.
WITH listed AS (
    SELECT
        _record, record_id, holder_id, held_id, undisclosed, why_hidden, source,
        unnest(CASE WHEN json_array_length(details, '$.interests') > 0
                    THEN json_extract(details, '$.interests[*]') ELSE ['{}'::JSON] END) AS interest
    FROM links
    WHERE why_not IS NULL
),
typed AS (
    SELECT
        *,
        coalesce(interest->>'$.type', '') AS kind,
        coalesce(interest->>'$.directOrIndirect', 'unknown') = 'indirect' AS indirect,
        nullif(interest->>'$.startDate', '') AS starts,
        nullif(interest->>'$.endDate', '') AS ends,
        interest->>'$.share.exact' AS exactly,
        coalesce(interest->>'$.share.minimum', interest->>'$.share.exclusiveMinimum') AS least,
        coalesce(interest->>'$.share.maximum', interest->>'$.share.exclusiveMaximum') AS most,
        interest->>'$.share.exact' IS NULL AND interest->>'$.share.minimum' IS NULL
            AND interest->>'$.share.exclusiveMinimum' IS NOT NULL AS low_open,
        interest->>'$.share.exact' IS NULL AND interest->>'$.share.maximum' IS NULL
            AND interest->>'$.share.exclusiveMaximum' IS NOT NULL AS high_open,
        coalesce(interest->>'$.details', '') AS said
    FROM listed
)
SELECT
    * EXCLUDE (starts, ends, exactly, least, most),
    -- a day as it is; of a month or a year the first day that it can mean
    CASE length(starts) WHEN 4 THEN starts || '-01-01' WHEN 7 THEN starts || '-01' ELSE left(starts, 10) END AS from_on,
    -- of a month or a year the first day after it
    CASE length(ends)
        WHEN 4 THEN coalesce(strftime(try_cast(ends || '-01-01' AS DATE) + INTERVAL 1 YEAR, '%Y-%m-%d'), ends)
        WHEN 7 THEN coalesce(strftime(try_cast(ends || '-01' AS DATE) + INTERVAL 1 MONTH, '%Y-%m-%d'), ends)
        ELSE left(ends, 10)
    END AS to_on,
    -- percent to fraction; what is no number becomes NaN, which the check refuses by name
    CASE WHEN coalesce(exactly, least) IS NOT NULL
         THEN coalesce(try_cast(coalesce(exactly, least) AS DOUBLE), 'nan'::DOUBLE) / 100 END AS low,
    CASE WHEN coalesce(exactly, most) IS NOT NULL
         THEN coalesce(try_cast(coalesce(exactly, most) AS DOUBLE), 'nan'::DOUBLE) / 100 END AS high,
    CASE
        WHEN kind IN ('shareholding', 'votingRights', '') THEN CASE WHEN indirect THEN 'indirect' ELSE 'ownership' END
        WHEN kind IN ('boardMember', 'boardChair', 'seniorManagingOfficial', 'nominee') THEN 'ties'
        ELSE 'control'
    END AS goes_to
FROM typed
