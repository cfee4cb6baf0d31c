// FinBench CR10: how alike two investors are
// One row: the firms that both hold over the firms that either holds (Jaccard), by holdings that hold on the day of the
// snapshot and began in the window. Read as the public benchmark's read CR10; a holding without a first day is in every window.
// param first_id text: id of the one investor
// param second_id text: id of the other
// param start_on date = null: first day of the window
// param end_on date = null: last day of the window
// returns similarity: part of the firms that both hold; 0 where neither holds any
// returns both: number of firms that both hold
// returns either: number of firms that one or the other holds
MATCH (s:Snapshot {complete: true})
MATCH (a:Party {id: $first_id})
MATCH (b:Party {id: $second_id})
OPTIONAL MATCH (a)-[r:OWNS]->(x:Party)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
  AND coalesce(r.from_on >= $start_on, true) AND coalesce(r.from_on <= $end_on, true)
WITH s, b, collect(DISTINCT x.id) AS one
OPTIONAL MATCH (b)-[r:OWNS]->(y:Party)
WHERE coalesce(r.from_on <= s.as_of, true) AND coalesce(r.to_on > s.as_of, true)
  AND coalesce(r.from_on >= $start_on, true) AND coalesce(r.from_on <= $end_on, true)
WITH one, collect(DISTINCT y.id) AS two
WITH size([x IN one WHERE x IN two]) AS both, size(one) + size([x IN two WHERE NOT x IN one]) AS either
RETURN CASE WHEN either = 0 THEN 0.0 ELSE 1.0 * both / either END AS similarity, both, either
ORDER BY similarity, both, either
