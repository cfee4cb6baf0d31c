-- What a reader should know of these files.
SELECT count(*)::VARCHAR || ' statements were made after the as-of date; the latest of each record was taken all the same'
FROM latest, load
WHERE newer = 0 AND left(said_on, 10) > as_of::VARCHAR
HAVING count(*) > 0
UNION ALL
SELECT count(DISTINCT _record)::VARCHAR || ' declared holdings have a holder that is not disclosed: they keep their bounds '
    || '(ownership.disclosed is false)'
FROM interests
WHERE goes_to = 'ownership' AND undisclosed
HAVING count(*) > 0
UNION ALL
SELECT count(*)::VARCHAR || ' indirect interests stand in records that were used for their other interests only'
FROM interests
WHERE goes_to = 'indirect' AND _record IN (SELECT _record FROM interests WHERE goes_to <> 'indirect')
HAVING count(*) > 0
