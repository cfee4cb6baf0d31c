-- Table 3.3: the groups as the bank declared them, to be compared with those that are computed; a member told twice is one.
SELECT min(_record) AS _record, group_id, other AS party_id, '一表通 3.3 集团成员' AS source
FROM groups
WHERE what = 'member' AND coalesce(other, '') <> '' AND coalesce(group_id, '') <> ''
GROUP BY group_id, other
