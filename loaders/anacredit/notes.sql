-- What a reader should know of these files.
SELECT 'Amounts are in euro, as the regulation has them' FROM instruments
HAVING count(*) > 0
UNION ALL
SELECT count(*)::VARCHAR || ' further debtors have no joint liability: they are in no table'
FROM debtors d
WHERE role = '2' AND place > 1 AND NOT EXISTS (
    SELECT 1 FROM joint j WHERE trim(j.CNTRPRTY_ID) = d.party AND trim(j.CNTRCT_ID) || ':' || trim(j.INSTRMNT_ID) = d.loan
)
HAVING count(*) > 0
