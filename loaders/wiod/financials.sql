-- Gross output is the sector's sales; what final demand takes of it has no column of its own.
SELECT
    _record,
    id AS party_id,
    DATE '2011-12-31' AS period_end_on,
    'USD' AS currency,
    CASE WHEN output_musd IS NOT NULL THEN coalesce(try_cast(output_musd AS DOUBLE), 'nan'::DOUBLE) * 1e6 END AS sales
FROM sectors
