-- Instruments with their outstanding amount.
SELECT
    i._record, trim(i.CNTRCT_ID) || ':' || trim(i.INSTRMNT_ID) AS loan, i.TYP_INSTRMNT AS type, i.DT_STTLMNT AS starts,
    i.DT_LGL_FNL_MTRTY AS ends, f.OTSTNDNG_NMNL_AMNT AS outstanding, f._record AS financial_record
FROM instruments i
LEFT JOIN financials_of_instruments f ON trim(f.CNTRCT_ID) = trim(i.CNTRCT_ID) AND trim(f.INSTRMNT_ID) = trim(i.INSTRMNT_ID)
