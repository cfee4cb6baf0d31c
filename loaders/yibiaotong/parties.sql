-- One row a party, the row with a name first; a party that nobody names stands under its number.
SELECT
    arg_min(_record, {'turn': turn, 'row': _record}) AS _record,
    id AS party_id,
    coalesce(arg_min(name, {'turn': turn, 'row': _record}) FILTER (name IS NOT NULL), id) AS name,
    CASE WHEN bool_or(kind = 'person') THEN 'person' ELSE 'company' END AS kind,
    'CN' AS country,
    arg_min(code, _record) FILTER (code IS NOT NULL) AS national_id,
    '一表通 2.0' AS source
FROM parties_told
WHERE coalesce(id, '') <> ''
GROUP BY id
