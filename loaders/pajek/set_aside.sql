-- Lines that open a section or hold nothing, sections that are not read, edges without a direction, lines that cannot be read.
SELECT _record, 'it opens a section' AS reason, false AS rejected FROM rows WHERE opens IS NOT NULL
UNION ALL
SELECT _record, 'an edge has no direction: who owns whom is not told', false FROM rows WHERE opens IS NULL AND section LIKE 'edge%'
UNION ALL
SELECT _record, 'a section that is not read: *' || coalesce(section, '?'), false
FROM rows
WHERE opens IS NULL AND coalesce(section, '?') NOT IN ('vertices', 'arcs', 'arcslist', 'edges', 'edgeslist')
UNION ALL
SELECT _record, 'no vertex and no arc: ' || body, true
FROM rows
WHERE opens IS NULL
    AND ((section = 'vertices' AND NOT regexp_matches(words[1], '^[0-9]+$'))
         OR (section IN ('arcs', 'arcslist') AND len(words) < 2))
