-- Vertices with their labels, and those that arcs use without one: a number of *vertices N is a vertex all the same.
WITH labelled AS (
    SELECT
        _record, words[1] AS party_id,
        coalesce(nullif(regexp_extract(body, '"([^"]*)"', 1), ''), nullif(words[2], ''), 'vertex ' || words[1]) AS name
    FROM rows
    WHERE opens IS NULL AND section = 'vertices' AND regexp_matches(words[1], '^[0-9]+$')
),
used AS (
    SELECT _record, owner AS party_id FROM ties
    UNION ALL
    SELECT _record, owned FROM ties
)
SELECT _record, party_id, trim(name) AS name, 'company' AS kind, 'Pajek network' AS source FROM labelled
UNION ALL
SELECT min(_record), party_id, 'vertex ' || party_id, 'company', 'Pajek network'
FROM used
WHERE regexp_matches(party_id, '^[0-9]+$') AND party_id NOT IN (SELECT party_id FROM labelled)
GROUP BY party_id
