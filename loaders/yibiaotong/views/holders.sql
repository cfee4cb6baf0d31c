-- Table 3.1: shareholders and related firms; an id is the customer number, else the registration code, else the name.
SELECT
    _record,
    trim(C010002) AS firm,
    coalesce(nullif(trim(C010019), ''), nullif(trim(C010009), ''), nullif(trim(C010005), '')) AS holder,
    nullif(trim(C010005), '') AS name, nullif(trim(C010009), '') AS code,
    try_cast(replace(C010012, '%', '') AS DOUBLE) / 100 AS share, nullif(trim(C010012), '') AS said,
    upper(trim(coalesce(C010006, ''))) IN ('1', '01', 'Y', '是', 'TRUE') AS controller,
    CASE
        WHEN coalesce(trim(C010002), '') = '' THEN 'it has no customer number (C010002)'
        WHEN coalesce(nullif(trim(C010019), ''), nullif(trim(C010009), ''), nullif(trim(C010005), '')) IS NULL
            THEN 'it names no shareholder (C010019, C010009, C010005)'
        WHEN nullif(trim(C010012), '') IS NOT NULL AND try_cast(replace(C010012, '%', '') AS DOUBLE) IS NULL
            THEN 'its ratio is no number: ' || C010012
    END AS aside
FROM shareholders
