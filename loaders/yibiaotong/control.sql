-- Actual controllers of table 3.1, controllers of groups, and groups over their members.
SELECT _record, holder AS controller_id, firm AS controlled_id, 'other' AS basis, '一表通 3.1 实际控制人' AS source
FROM holders WHERE aside IS NULL AND controller
UNION ALL
SELECT _record, other, group_id, 'other', '一表通 3.4 集团实际控制人' FROM groups WHERE what = 'controller' AND other IS NOT NULL
UNION ALL
SELECT _record, group_id, other, 'accounts', '一表通 3.3 集团成员' FROM groups WHERE what = 'member' AND other IS NOT NULL
