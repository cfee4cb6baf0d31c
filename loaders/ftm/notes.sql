-- What a reader should know of these files.
SELECT count(*)::VARCHAR || ' holdings have no percentage that can be read (none, several, or other words): they stay unknown'
FROM edges WHERE schema = 'Ownership' AND low IS NULL AND coalesce(target_party, true)
HAVING count(*) > 0
