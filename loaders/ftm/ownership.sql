-- Holdings; a percentage is read from its text, and never invented where there is none or several.
SELECT
    _record, source AS owner_id, target AS owned_id, low AS share_min, high AS share_max,
    CASE WHEN low_open THEN true END AS min_exclusive,
    CASE WHEN high_open THEN true END AS max_exclusive,
    from_on, to_on,
    concat_ws(': ', 'FollowTheMoney', props->>'$.ownershipType[0]') AS source
FROM edges
WHERE schema = 'Ownership' AND coalesce(target_party, true)
