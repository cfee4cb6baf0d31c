-- What of a thing stands behind which instrument.
SELECT
    a._record, trim(a.CNTRCT_ID) || ':' || trim(a.INSTRMNT_ID) AS facility_id, trim(a.PRTCTN_ID) AS collateral_id,
    a.PRTCTN_ALLCTD_VL AS allocated_amount, 'EUR' AS currency, 'AnaCredit' AS source
FROM allocations a
JOIN protections p ON p.id = trim(a.PRTCTN_ID) AND NOT p.promise
