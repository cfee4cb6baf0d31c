-- Whom the tables name, each row by itself.
SELECT _record, holder AS id, name, code,
    -- a name without a word for a firm is that of a person
    CASE WHEN name IS NOT NULL AND NOT regexp_matches(name, '(公司|企业|集团|合伙|中心|事务所|委员会|协会|研究院|政府|局|银行|基金|厂|店|社|Ltd|LTD|Limited)') THEN 'person' ELSE 'company' END AS kind, 1 AS turn
FROM holders WHERE aside IS NULL
UNION ALL
SELECT _record, firm, NULL, NULL, 'company', 3 FROM holders WHERE aside IS NULL
UNION ALL
SELECT _record, other, name, code, CASE WHEN person OR (what = 'controller' AND name IS NOT NULL
        AND NOT regexp_matches(name, '(公司|企业|集团|合伙|中心|事务所|委员会|协会|研究院|政府|局|银行|基金|厂|店|社|Ltd|LTD|Limited)')) THEN 'person' ELSE 'company' END, 1
FROM groups WHERE what <> 'related'
UNION ALL
SELECT _record, other, NULL, NULL, 'company', 4 FROM groups WHERE what = 'related'
UNION ALL
SELECT _record, group_id, '集团 ' || group_id, NULL, 'company', 2 FROM groups
UNION ALL
SELECT _record, trim(C060006), NULL, NULL, 'company', 3 FROM joint_debtors
UNION ALL
SELECT _record, coalesce(nullif(trim(C060005), ''), trim(C060003)), trim(C060003), nullif(trim(C060005), ''),
    CASE WHEN NOT regexp_matches(coalesce(C060003, ''), '(公司|企业|集团|合伙|中心|事务所|委员会|协会|研究院|政府|局|银行|基金|厂|店|社|Ltd|LTD|Limited)') THEN 'person' ELSE 'company' END, 1
FROM joint_debtors
