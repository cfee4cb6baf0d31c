-- One holding a statement: capital and votes side by side, as the bands say; of several capacities the largest band.
-- Statements that name nobody are holdings of unknown size of a placeholder, with the register's reason.
WITH banded AS (
    SELECT
        _record,
        max(low) FILTER (goes_to = 'shares') AS share_min,
        max(high) FILTER (goes_to = 'shares') AS share_max,
        max(low) FILTER (goes_to = 'votes') AS votes_min,
        max(high) FILTER (goes_to = 'votes') AS votes_max
    FROM natures
    WHERE goes_to IN ('shares', 'votes')
    GROUP BY _record
)
SELECT
    s._record,
    s.holder AS owner_id,
    s.company AS owned_id,
    share_min,
    share_max,
    votes_min,
    votes_max,
    CASE WHEN s.hidden THEN false END AS disclosed,
    -- "more than 25 %", "more than 50 %", but "75 % or more"
    CASE WHEN greatest(coalesce(share_min, 0), coalesce(votes_min, 0)) IN (0.25, 0.5) THEN true END AS min_exclusive,
    -- "less than 75 %", but "not more than 50 %"
    CASE WHEN greatest(coalesce(share_max, 0), coalesce(votes_max, 0)) = 0.75 THEN true END AS max_exclusive,
    s.reason,
    s.from_on,
    'UK PSC register' AS source
FROM statements s
LEFT JOIN banded b ON b._record = s._record
WHERE s.aside IS NULL AND (s.hidden OR b._record IS NOT NULL)
