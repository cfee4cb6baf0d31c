-- Flows in millions of US dollars a year, as the file has them; a flow that is no number is refused by name.
SELECT
    _record,
    s AS supplier_id,
    b AS buyer_id,
    CASE WHEN musd IS NOT NULL THEN coalesce(try_cast(musd AS DOUBLE), 'nan'::DOUBLE) * 1e6 END AS amount,
    'USD' AS currency,
    (SELECT any_value(industry) FROM sectors WHERE sectors.id = flows.s) AS product,
    'WIOD 2013 release, year 2011' AS source
FROM flows
