-- Rights over the board and significant influence: control by another way than shares.
SELECT
    s._record,
    s.holder AS controller_id,
    s.company AS controlled_id,
    CASE WHEN bool_or(goes_to = 'board') THEN 'board' ELSE 'other' END AS basis,
    any_value(s.from_on) AS from_on,
    'UK PSC register' AS source
FROM statements s
JOIN natures n ON n._record = s._record
WHERE n.goes_to IN ('board', 'other')
GROUP BY s._record, s.holder, s.company
