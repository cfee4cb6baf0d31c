-- Tables 3.3 to 3.5: a group is a party of its own; its members are under it, its controller above it.
SELECT _record, 'member' AS what, trim(C030001) AS group_id, coalesce(nullif(trim(C030002), ''), nullif(trim(C030004), '')) AS other,
    nullif(trim(C030003), '') AS name, nullif(trim(C030004), '') AS code, false AS person
FROM members
UNION ALL
-- classes of controllers are not known to us: a resident identity number (18 digits, the last maybe X) is that of a person
SELECT _record, 'controller', trim(C040002), coalesce(nullif(trim(C040008), ''), nullif(trim(C040004), '')),
    nullif(trim(C040004), ''), nullif(trim(C040008), ''), regexp_matches(trim(coalesce(C040008, '')), '^[1-9][0-9]{16}[0-9Xx]$')
FROM controllers
UNION ALL
SELECT _record, 'related', trim(C050002), trim(C050004), NULL, NULL, false FROM related_groups
