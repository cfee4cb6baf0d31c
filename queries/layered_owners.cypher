// Parties under many layers of owners
// One row per party whose stored answer of `ownership` (default parameters) has at least so many layers of holders above it, the
// most layers first. Without a stored answer there are no rows: run `graphrisk analyze ownership` first.
// param min_layers integer = 2: least number of layers
// param limit integer = 100: at most so many rows
// returns party_id: id of the party
// returns party_name: its name
// returns layers: layers of holders above it
// returns persons: persons among them
// returns nominees: nominees among them
// returns unknown_share: most of its capital that lies with nominees whose principals are not named
// returns is_complex: the complexity test; null where it cannot be told
// returns is_client: true where the bank has a relationship of its own with it
MATCH (p:Party)
WHERE p.score_ownership_layers >= $min_layers
RETURN p.id AS party_id, p.name AS party_name, p.score_ownership_layers AS layers, p.score_ownership_persons AS persons,
       p.score_ownership_nominees AS nominees, p.score_ownership_unknown_share AS unknown_share,
       p.score_ownership_complex AS is_complex, coalesce(p.is_client, false) AS is_client
ORDER BY layers DESC, party_id
LIMIT $limit
