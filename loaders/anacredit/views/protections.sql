-- Protection with what it is: types 6 and 7 are promises of a provider, the others are things.
SELECT
    _record, trim(PRTCTN_ID) AS id, nullif(trim(PRTCTN_PRVDR_ID), '') AS provider, trim(TYP_PRTCTN) AS type, PRTCTN_VL AS value,
    trim(TYP_PRTCTN) IN ('6', '7') AS promise
FROM protection
