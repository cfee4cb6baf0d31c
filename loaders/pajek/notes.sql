-- What a reader should know of these files.
SELECT count(*)::VARCHAR || ' holdings have no share: a Pajek network tells who owns whom, not how much' FROM ties WHERE section LIKE 'arc%'
HAVING count(*) > 0
