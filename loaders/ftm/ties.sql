-- Directors, families, associates.
SELECT
    _record, source AS a_id, target AS b_id,
    CASE schema WHEN 'Directorship' THEN 'director' WHEN 'Family' THEN 'family' ELSE 'associate' END AS kind,
    from_on, to_on,
    concat_ws(': ', 'FollowTheMoney', coalesce(props->>'$.role[0]', props->>'$.relationship[0]')) AS source
FROM edges
WHERE schema IN ('Directorship', 'Family', 'Associate')
