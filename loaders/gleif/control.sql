-- Consolidation, branches and fund management: control of the child by the parent, and no percentage.
SELECT DISTINCT
    _record, parent AS controller_id, child AS controlled_id,
    CASE WHEN type LIKE '%CONSOLIDATED%' THEN 'accounts' WHEN type LIKE '%MANAGED%' THEN 'agreement' ELSE 'other' END AS basis,
    CASE WHEN type LIKE '%ULTIMATELY%' THEN 'ultimate' ELSE 'direct' END AS level,
    from_on, to_on, 'GLEIF level 2: ' || type AS source
FROM links
WHERE aside IS NULL AND type NOT IN ('IS_SUBFUND_OF', 'IS_FEEDER_TO')
