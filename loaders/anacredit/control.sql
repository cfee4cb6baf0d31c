-- The immediate and the ultimate parent undertaking: control by accounts. An entity that names itself has no parent.
SELECT
    _record, trim(IMMDT_PRNT_UNDRTKNG_ID) AS controller_id, trim(CNTRPRTY_ID) AS controlled_id, 'accounts' AS basis,
    'direct' AS level, 'AnaCredit' AS source
FROM counterparties
WHERE regexp_matches(coalesce(IMMDT_PRNT_UNDRTKNG_ID, ''), '\S')
    AND trim(IMMDT_PRNT_UNDRTKNG_ID) NOT IN (trim(CNTRPRTY_ID), 'NOT_APPL', 'NOT_RQRD', 'Non-applicable')
UNION ALL
SELECT
    _record, trim(ULTMT_PRNT_UNDRTKNG_ID), trim(CNTRPRTY_ID), 'accounts', 'ultimate', 'AnaCredit'
FROM counterparties
WHERE regexp_matches(coalesce(ULTMT_PRNT_UNDRTKNG_ID, ''), '\S')
    AND trim(ULTMT_PRNT_UNDRTKNG_ID) NOT IN (trim(CNTRPRTY_ID), 'NOT_APPL', 'NOT_RQRD', 'Non-applicable')
