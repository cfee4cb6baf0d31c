-- Why a record of the files is not used; `rejected` ones are faults of the source.
SELECT _record, problem AS reason, true AS rejected FROM statements WHERE problem IS NOT NULL
UNION ALL
SELECT
    _record,
    CASE WHEN differs THEN 'the id of an earlier statement again, with other content: the first was kept'
         ELSE 'the same statement again' END,
    differs
FROM statements
WHERE problem IS NULL AND repeated
UNION ALL
SELECT _record, 'superseded by a later statement of the same record', false FROM latest WHERE newer > 0
UNION ALL
SELECT _record, 'closed: the record no longer stands', false FROM latest WHERE newer = 0 AND record_status = 'closed'
UNION ALL
SELECT _record, why_not, false FROM links WHERE why_not IS NOT NULL
UNION ALL
SELECT _record, 'an unknown holder of several parties: each declaration has a placeholder of its own', false
FROM latest
WHERE newer = 0 AND record_status <> 'closed' AND record_id IN (SELECT stated_id FROM links WHERE shared_unknown)
UNION ALL
SELECT
    _record,
    CASE WHEN json_array_length(any_value(details), '$.componentRecords') > 0
         THEN 'indirect: its component records carry it'
         ELSE 'indirect without component records: a total along a chain, not a holding' END,
    false
FROM interests
JOIN links USING (_record)
GROUP BY _record
HAVING bool_and(goes_to = 'indirect')
