-- What goes with another record, or has no use, and rows without their instrument.
SELECT _record, 'an instrument without a debtor or an outstanding amount' AS reason, true AS rejected FROM loans
WHERE outstanding IS NULL OR loan NOT IN (SELECT loan FROM debtors WHERE role = '2')
UNION ALL
SELECT _record, 'an outstanding amount, told with its instrument', false FROM financials_of_instruments
UNION ALL
SELECT _record, CASE WHEN role = '2' THEN 'a debtor, told with its instrument or its joint liability'
                     ELSE 'a role that is not read: ' || role END, false
FROM debtors
UNION ALL
SELECT j._record, 'the joint liability of the borrower itself, or of nobody who is a debtor of the instrument', false
FROM joint j
WHERE NOT EXISTS (
    SELECT 1 FROM debtors d
    WHERE d.role = '2' AND d.place > 1 AND d.party = trim(j.CNTRPRTY_ID) AND d.loan = trim(j.CNTRCT_ID) || ':' || trim(j.INSTRMNT_ID)
)
UNION ALL
SELECT _record, 'a promise of a provider, told with the instruments that it stands behind', false FROM protections WHERE promise
UNION ALL
SELECT _record, 'an allocation to an instrument or of a protection that is not in these files', true FROM allocations
WHERE trim(PRTCTN_ID) NOT IN (SELECT id FROM protections)
    OR trim(CNTRCT_ID) || ':' || trim(INSTRMNT_ID) NOT IN (SELECT loan FROM loans)
