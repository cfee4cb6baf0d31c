-- One holding a line; a share that is not told stays unknown, never 100 %.
SELECT
    _record, owner_id, owned_id, share_min, share_max, votes_min, votes_max, via,
    CASE WHEN low_open THEN true END AS min_exclusive,
    CASE WHEN high_open THEN true END AS max_exclusive,
    'shareholder list' AS source
FROM holders
WHERE aside IS NULL
