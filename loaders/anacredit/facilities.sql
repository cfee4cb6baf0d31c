-- Instruments with a debtor and an outstanding amount.
SELECT
    l._record, l.loan AS facility_id, d.party AS borrower_id, l.type AS product, 'EUR' AS currency, l.outstanding,
    l.starts AS start_on, l.ends AS maturity_on, 'AnaCredit' AS source
FROM loans l
JOIN debtors d ON d.loan = l.loan AND d.role = '2' AND d.place = 1
WHERE l.outstanding IS NOT NULL
