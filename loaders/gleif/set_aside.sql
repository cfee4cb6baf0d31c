-- Why a record is not used; those without their ends are faults of the source.
SELECT _record, aside AS reason, starts_with(aside, 'no ') AS rejected FROM links WHERE aside IS NOT NULL
UNION ALL
SELECT _record, aside, starts_with(aside, 'no ') FROM exceptions WHERE aside IS NOT NULL
