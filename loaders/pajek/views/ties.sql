-- Arcs as (owner, owned) by the numbers of the vertices; *arcslist and *edgeslist name several in a line.
SELECT _record, words[1] AS owner, words[2] AS owned, section
FROM rows
WHERE opens IS NULL AND section IN ('arcs', 'edges') AND len(words) >= 2
UNION ALL
SELECT _record, words[1], unnest(words[2:]), section
FROM rows
WHERE opens IS NULL AND section IN ('arcslist', 'edgeslist') AND len(words) >= 2
