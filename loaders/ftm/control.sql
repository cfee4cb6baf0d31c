-- Control with its type in words.
SELECT
    _record, source AS controller_id, target AS controlled_id,
    CASE
        WHEN regexp_matches(lower(coalesce(props->>'$.controlType[0]', '')), 'vot') THEN 'votes'
        WHEN regexp_matches(lower(coalesce(props->>'$.controlType[0]', '')), 'board|director|appoint') THEN 'board'
        WHEN regexp_matches(lower(coalesce(props->>'$.controlType[0]', '')), 'account|consolidat') THEN 'accounts'
        WHEN regexp_matches(lower(coalesce(props->>'$.controlType[0]', '')), 'agreement|contract|trust') THEN 'agreement'
        ELSE 'other'
    END AS basis,
    from_on, to_on,
    concat_ws(': ', 'FollowTheMoney', props->>'$.controlType[0]') AS source
FROM edges
WHERE schema = 'Control'
