-- Debtors of each instrument (role 2), the first of them the borrower.
SELECT
    r._record, trim(r.CNTRPRTY_ID) AS party, trim(r.CNTRCT_ID) || ':' || trim(r.INSTRMNT_ID) AS loan, trim(r.CNTRPRTY_RL) AS role,
    row_number() OVER (PARTITION BY r.CNTRCT_ID, r.INSTRMNT_ID, trim(r.CNTRPRTY_RL) ORDER BY r.CNTRPRTY_ID) AS place
FROM roles r
