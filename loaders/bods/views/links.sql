-- Relationships that stand today, with both ends as record ids. An end may be a record id, an object that names a
-- statement (the style of BODS 0.3), or an object with the reason why nobody is named.
WITH current AS (
    SELECT *, details->'$.interestedParty' AS holder, details->'$.subject' AS held
    FROM latest
    WHERE newer = 0 AND record_status <> 'closed' AND record_type = 'relationship'
),
named AS (
    SELECT
        *,
        CASE json_type(holder)
            WHEN 'VARCHAR' THEN holder->>'$'
            ELSE coalesce(holder->>'$.describedByEntityStatement', holder->>'$.describedByPersonStatement')
        END AS holder_said,
        CASE json_type(held) WHEN 'VARCHAR' THEN held->>'$' ELSE held->>'$.describedByEntityStatement' END AS held_said
    FROM current
),
resolved AS (
    SELECT
        named.*,
        coalesce(h.record_id, holder_said) AS holder_id,
        coalesce(s.record_id, held_said) AS held_id
    FROM named
    LEFT JOIN latest h ON json_type(holder) <> 'VARCHAR' AND h.statement_id = holder_said
    LEFT JOIN latest s ON json_type(held) <> 'VARCHAR' AND s.statement_id = held_said
),
closed AS (SELECT record_id FROM latest WHERE newer = 0 AND record_status = 'closed')
SELECT
    resolved.*,
    CASE
        WHEN holder_id IS NULL THEN 'declared unknown: the interested party is not named ('
            || coalesce(holder->>'$.reason', holder->>'$.unspecifiedReason', 'no reason given') || ')'
        WHEN held_id IS NULL THEN 'declared unknown: the subject is not named ('
            || coalesce(held->>'$.reason', held->>'$.unspecifiedReason', 'no reason given') || ')'
        WHEN holder_id IN (SELECT record_id FROM closed) THEN 'the record of its interested party was closed'
        WHEN held_id IN (SELECT record_id FROM closed) THEN 'the record of its subject was closed'
    END AS why_not
FROM resolved
