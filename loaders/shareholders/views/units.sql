-- Percent or fraction: a list whose figures are all at most 1, without any percent sign, is in fractions; else in percent.
SELECT
    what,
    count(*) FILTER (form IN ('exact', 'above', 'below', 'between')) > 0
        AND coalesce(max(greatest(first, coalesce(second, 0))) FILTER (form IN ('exact', 'above', 'below', 'between')), 100) <= 1
        AND NOT bool_or(percent_sign) AS fractions
FROM parts
GROUP BY what
