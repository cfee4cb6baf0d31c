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
closed AS (SELECT record_id FROM latest WHERE newer = 0 AND record_status = 'closed'),
-- Holders that a record describes as unknown or anonymous: the holding is declared, its holder is not disclosed.
hidden AS (
    SELECT
        record_id,
        coalesce(details->>'$.personType', details->>'$.entityType.type') IN ('unknownPerson', 'unknownEntity')
            AS unknown,
        coalesce(details->>'$.unspecifiedPersonDetails.reason', details->>'$.unspecifiedEntityDetails.reason')
            AS reason
    FROM latest
    WHERE newer = 0
        AND coalesce(details->>'$.personType', details->>'$.entityType.type')
            IN ('unknownPerson', 'anonymousPerson', 'unknownEntity', 'anonymousEntity')
),
-- An unknown holder of several parties is nobody in particular: it must not tie them together.
shared AS (
    SELECT holder_id AS record_id
    FROM resolved
    WHERE holder_id IN (SELECT record_id FROM hidden WHERE unknown)
        AND holder_id NOT IN (SELECT held_id FROM resolved WHERE held_id IS NOT NULL)
    GROUP BY holder_id
    HAVING count(DISTINCT held_id) > 1
),
judged AS (
    SELECT
        resolved.* EXCLUDE (holder_id),
        -- nobody is named, and yet a direct share or vote is declared: a fact that keeps its bounds
        holder_id IS NULL AND coalesce(len(list_filter(
            json_extract(details, '$.interests[*]'),
            lambda i: coalesce(i->>'$.type' IN ('shareholding', 'votingRights'), false)
                AND coalesce(i->>'$.directOrIndirect', 'unknown') <> 'indirect'
        )), 0) > 0 AS unnamed_holding,
        shared.record_id IS NOT NULL AS shared_unknown,
        hidden.record_id IS NOT NULL AS hidden_holder,
        holder_id AS stated_id,
        coalesce(hidden.reason, holder->>'$.reason', holder->>'$.unspecifiedReason', 'no reason given') AS why_hidden
    FROM resolved
    LEFT JOIN hidden ON hidden.record_id = holder_id
    LEFT JOIN shared ON shared.record_id = holder_id
)
SELECT
    *,
    -- a holder of its own for each declaration, under the id of the declaration
    unnamed_holding OR shared_unknown AS placeholder,
    CASE WHEN unnamed_holding OR shared_unknown THEN 'undisclosed:' || record_id ELSE stated_id END AS holder_id,
    unnamed_holding OR hidden_holder AS undisclosed,
    CASE
        WHEN stated_id IS NULL AND NOT unnamed_holding THEN 'declared unknown: the interested party is not named ('
            || why_hidden || ')'
        WHEN held_id IS NULL THEN 'declared unknown: the subject is not named ('
            || coalesce(held->>'$.reason', held->>'$.unspecifiedReason', 'no reason given') || ')'
        WHEN stated_id IN (SELECT record_id FROM closed) THEN 'the record of its interested party was closed'
        WHEN held_id IN (SELECT record_id FROM closed) THEN 'the record of its subject was closed'
    END AS why_not
FROM judged
