-- Related firms without a ratio and without control, related groups and joint debtors: tied; a loan of another system is
-- needed for a co-borrower of a facility.
SELECT _record, holder AS a_id, firm AS b_id, 'associate' AS kind, '一表通 3.1 关联企业' AS source
FROM holders WHERE aside IS NULL AND share IS NULL AND NOT controller
UNION ALL
SELECT _record, group_id, other, 'associate', '一表通 3.5 关联集团' FROM groups WHERE what = 'related'
UNION ALL
SELECT _record, trim(C060006), coalesce(nullif(trim(C060005), ''), trim(C060003)), 'associate', '一表通 3.6 共同债务人 ' || C060007
FROM joint_debtors
