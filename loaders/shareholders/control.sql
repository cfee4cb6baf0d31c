-- Owners whom the list calls the controller in fact.
SELECT DISTINCT ON (owner_id, owned_id)
    _record, owner_id AS controller_id, owned_id AS controlled_id, 'other' AS basis, 'shareholder list: ' || tag AS source
FROM holders
WHERE aside IS NULL
    AND (contains(coalesce(tag, ''), '实际控制人') OR contains(coalesce(tag, ''), '实控人')
         OR lower(coalesce(tag, '')) IN ('actual controller', 'de facto controller', 'controller'))
ORDER BY owner_id, owned_id, _record
