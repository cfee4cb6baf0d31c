-- What a reader should know of these files.
SELECT 'No level 1 file was given: entities stand under their LEI' FROM (SELECT count(*) AS n FROM entities) WHERE n = 0
UNION ALL
SELECT count(*)::VARCHAR || ' entities report no parent, with a reason: each has a holding of unknown size of a placeholder'
FROM exceptions WHERE aside IS NULL
HAVING count(*) > 0
