// Loan money that comes back to the borrower
// One row per way of two to five payments, in the order of their days, from a party back to itself.
// param id text: id of the party
// param limit integer = 100: at most so many rows
// returns parties: ids in the order of the payments
// returns amounts: the payments
// returns first_on: day of the first payment
// returns last_on: day of the last one
// returns returned: smallest payment on the way: at most so much came back
MATCH path = (p:Party {id: $id})-[:PAID*2..5]->(p)
WITH [n IN nodes(path) | n.id] AS parties, relationships(path) AS paid
WHERE all(i IN range(0, size(paid) - 2) WHERE paid[i].paid_on <= paid[i + 1].paid_on)
  AND all(i IN range(1, size(parties) - 2) WHERE parties[i] <> $id)
WITH parties, paid, [r IN paid | r.amount] AS amounts
RETURN parties, amounts, paid[0].paid_on AS first_on, paid[size(paid) - 1].paid_on AS last_on,
       reduce(low = amounts[0], amount IN amounts | CASE WHEN amount < low THEN amount ELSE low END) AS returned
ORDER BY returned DESC, first_on, parties, amounts
LIMIT $limit
