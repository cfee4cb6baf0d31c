-- What a reader should know: in which unit the shares stand, firms that look mixed up, what names were taken for.
SELECT 'The ' || what || ' column has no figure above 1 and no percent sign: it was read as fractions' FROM units WHERE fractions
UNION ALL
SELECT 'warning: percent and fractions look mixed up in one column: the shares of ' || count(*)::VARCHAR
    || ' firms add up to about 1 percent, as fractions would (' || string_agg(owned_id || ' ' || printf('%.4g', total), ', ' ORDER BY owned_id)
        FILTER (place <= 3) || '), beside firms that add up to about 100. All were read as percent; correct the lines'
FROM (
    SELECT owned_id, 100 * sum(share_min) AS total, count(*) AS held,
        row_number() OVER (ORDER BY owned_id) AS place
    FROM holders, units
    WHERE aside IS NULL AND units.what = 'share' AND NOT fractions AND share_min = share_max
    GROUP BY owned_id
    HAVING sum(share_min) BETWEEN 0.009 AND 0.0101
)
WHERE (SELECT count(*) FROM (SELECT sum(share_min) AS t FROM holders WHERE aside IS NULL GROUP BY owned_id) WHERE t > 0.3) > 0
HAVING count(*) > 0
UNION ALL
SELECT count(*)::VARCHAR || ' holdings have no share (n.a. and the like): they stay unknown'
FROM holders WHERE aside IS NULL AND share_min IS NULL AND votes_min IS NULL
HAVING count(*) > 0
UNION ALL
SELECT 'Owners without a kind are read by their names: nominees and brokers hold for others, names without a word for a firm are '
    || 'persons; same names are one party. A kind and ids of your own are stronger'
FROM told WHERE kind IS NULL OR owner_number IS NULL
HAVING count(*) > 0
