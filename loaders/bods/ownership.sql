-- One row per relationship and period in which its shares and votes stay the same: capital and votes of one holding
-- stand side by side, never as two holdings that would add up.
WITH held AS (
    SELECT
        _record, record_id, holder_id, held_id, undisclosed, source, kind, low, high, low_open, high_open, why_hidden,
        coalesce(from_on, '0000') AS begins, coalesce(to_on, '9999-99') AS ends
    FROM interests
    WHERE goes_to = 'ownership'
),
edges AS (
    SELECT record_id, begins AS day FROM held
    UNION
    SELECT record_id, ends FROM held
),
periods AS (
    SELECT record_id, day AS begins, lead(day) OVER (PARTITION BY record_id ORDER BY day) AS ends FROM edges
),
usable AS (
    SELECT * FROM periods WHERE ends IS NOT NULL
    UNION  -- an interest that ends before it begins stays, so that the check refuses it by name
    SELECT record_id, begins, ends FROM held WHERE begins >= ends
)
SELECT
    min(held._record) AS _record,
    any_value(holder_id) AS owner_id,
    any_value(held_id) AS owned_id,
    -- several interests of one kind add up; one of unknown size makes the sum unknown
    CASE WHEN bool_and(low IS NOT NULL) FILTER (kind = 'shareholding') THEN sum(low) FILTER (kind = 'shareholding') END
        AS share_min,
    CASE WHEN bool_and(high IS NOT NULL) FILTER (kind = 'shareholding') THEN sum(high) FILTER (kind = 'shareholding') END
        AS share_max,
    CASE WHEN bool_and(low IS NOT NULL) FILTER (kind = 'votingRights') THEN sum(low) FILTER (kind = 'votingRights') END
        AS votes_min,
    CASE WHEN bool_and(high IS NOT NULL) FILTER (kind = 'votingRights') THEN sum(high) FILTER (kind = 'votingRights') END
        AS votes_max,
    CASE WHEN bool_or(undisclosed) THEN false END AS disclosed,
    CASE WHEN bool_or(low_open) THEN true END AS min_exclusive,
    CASE WHEN bool_or(high_open) THEN true END AS max_exclusive,
    CASE WHEN bool_or(undisclosed) THEN any_value(why_hidden) END AS reason,
    nullif(usable.begins, '0000') AS from_on,
    nullif(usable.ends, '9999-99') AS to_on,
    any_value(source) AS source
FROM usable
JOIN held ON held.record_id = usable.record_id
    AND ((held.begins <= usable.begins AND usable.ends <= held.ends)
         OR (held.begins = usable.begins AND held.ends = usable.ends))
GROUP BY usable.record_id, usable.begins, usable.ends
