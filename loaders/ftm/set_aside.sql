-- Why a line is not used.
SELECT _record, 'no entity: it has no id or no schema' AS reason, true AS rejected FROM entities
WHERE coalesce(id, '') = '' OR coalesce(schema, '') = ''
UNION ALL
SELECT _record, 'the same id again: the first was kept', false FROM entities WHERE again AND coalesce(id, '') <> ''
UNION ALL
SELECT _record, 'a schema that is not read: ' || schema, false FROM entities
WHERE NOT party AND NOT edge AND NOT again AND coalesce(id, '') <> ''
UNION ALL
SELECT _record, 'an edge without both ends', true FROM entities
WHERE edge AND NOT again AND _record NOT IN (SELECT _record FROM edges)
UNION ALL
SELECT _record, 'a debt without an amount or a currency', false FROM edges
WHERE schema = 'Debt' AND (try_cast(props->>'$.amount[0]' AS DOUBLE) IS NULL OR props->>'$.currency[0]' IS NULL)
UNION ALL
SELECT _record, 'what is owned is a thing, not a party', false FROM edges
WHERE schema = 'Ownership' AND NOT coalesce(target_party, true)
