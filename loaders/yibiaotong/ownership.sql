-- Table 3.1 with a ratio, in percent.
SELECT _record, holder AS owner_id, firm AS owned_id, share AS share_min, share AS share_max, '一表通 3.1' AS source
FROM holders
WHERE aside IS NULL AND share IS NOT NULL
