// How two parties hang together
// One row per step of a shortest way between them over any kind of relationship, in any direction, up to eight steps.
// Where several are equally short, the one whose ids come first. Steps that ended are told too, with their period.
// param from_id text: id of the one party
// param to_id text: id of the other
// returns step: number of the step
// returns subject_id: id of the step's subject
// returns relation: kind of relationship
// returns object_id: id of its object
// returns object_name: its name
// returns from_on: first day on which the step holds; null = always
// returns to_on: day from which it no longer holds; null = open
MATCH (a:Party {id: $from_id}), (b:Party {id: $to_id})
WHERE a.id <> b.id
MATCH path = allShortestPaths((a)-[:OWNS|CONTROLS|GUARANTEES|SUPPLIES|LENDS_TO|DEPENDS_ON|TIED_TO|PAID*..8]-(b))
WITH nodes(path) AS stops, relationships(path) AS links, [n IN nodes(path) | n.id] AS ids,
     [r IN relationships(path) | type(r) + r.row_key] AS kinds
ORDER BY ids, kinds
LIMIT 1
UNWIND range(0, size(links) - 1) AS i
WITH i, startNode(links[i]) AS subject, links[i] AS link, endNode(links[i]) AS object
RETURN i + 1 AS step, subject.id AS subject_id, type(link) AS relation, object.id AS object_id,
       object.name AS object_name, link.from_on AS from_on, link.to_on AS to_on
ORDER BY step
