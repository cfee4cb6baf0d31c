-- Why a row is not used.
SELECT _record, aside AS reason, true AS rejected FROM holders WHERE aside IS NOT NULL
UNION ALL
SELECT _record, 'it names no member or controller', true FROM groups WHERE coalesce(other, '') = '' OR coalesce(group_id, '') = ''
