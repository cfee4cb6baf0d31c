-- Each arc is a holding of unknown size; the share is not in the file, and a weight is no share.
SELECT _record, owner AS owner_id, owned AS owned_id, 'Pajek network' AS source FROM ties WHERE section LIKE 'arc%'
