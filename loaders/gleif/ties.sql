-- Sub-funds and feeder funds are tied, not controlled.
SELECT _record, child AS a_id, parent AS b_id, 'associate' AS kind, from_on, to_on, 'GLEIF level 2: ' || type AS source
FROM links
WHERE aside IS NULL AND type IN ('IS_SUBFUND_OF', 'IS_FEEDER_TO')
