-- Promises of a provider for an instrument, up to what is allocated to it.
SELECT
    a._record, trim(a.PRTCTN_ID) || ':' || l.loan AS guarantee_id, p.provider AS guarantor_id, d.party AS debtor_id,
    l.loan AS facility_id, coalesce(a.PRTCTN_ALLCTD_VL, p.value) AS amount, 'EUR' AS currency, 'joint_several' AS mode,
    'AnaCredit' AS source
FROM allocations a
JOIN protections p ON p.id = trim(a.PRTCTN_ID) AND p.promise
JOIN loans l ON l.loan = trim(a.CNTRCT_ID) || ':' || trim(a.INSTRMNT_ID)
JOIN debtors d ON d.loan = l.loan AND d.role = '2' AND d.place = 1
UNION ALL
-- A further debtor with a joint liability owes up to it beside the borrower: as a joint guarantee
SELECT
    j._record, 'joint:' || d.party || ':' || d.loan, d.party, b.party, d.loan, j.JNT_LBLTY_AMNT, 'EUR', 'joint_several', 'AnaCredit'
FROM joint j
JOIN debtors d ON d.role = '2' AND d.place > 1 AND d.party = trim(j.CNTRPRTY_ID)
    AND d.loan = trim(j.CNTRCT_ID) || ':' || trim(j.INSTRMNT_ID)
JOIN debtors b ON b.loan = d.loan AND b.role = '2' AND b.place = 1
WHERE d.loan IN (SELECT loan FROM loans WHERE outstanding IS NOT NULL)
