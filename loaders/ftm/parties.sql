-- Persons, companies, organisations and public bodies; a legal entity that is not told apart counts as a company.
SELECT
    _record, id AS party_id,
    coalesce(props->>'$.name[0]', nullif(concat_ws(' ', props->>'$.firstName[0]', props->>'$.lastName[0]'), ''),
             props->>'$.alias[0]', '(' || schema || ' without a name)') AS name,
    CASE schema WHEN 'Person' THEN 'person' WHEN 'PublicBody' THEN 'public_body' ELSE 'company' END AS kind,
    upper(coalesce(props->>'$.jurisdiction[0]', props->>'$.country[0]', props->>'$.nationality[0]')) AS country,
    props->>'$.leiCode[0]' AS lei,
    coalesce(props->>'$.registrationNumber[0]', props->>'$.idNumber[0]') AS national_id,
    'FollowTheMoney' AS source
FROM entities
WHERE party AND NOT again
