-- Seats on the board are no control; a nominee acts for another and is tied to the nomination.
SELECT DISTINCT
    _record,
    holder_id AS a_id,
    held_id AS b_id,
    CASE kind WHEN 'seniorManagingOfficial' THEN 'officer' WHEN 'nominee' THEN 'associate' ELSE 'director' END AS kind,
    from_on,
    to_on,
    source
FROM interests
WHERE goes_to = 'ties'
