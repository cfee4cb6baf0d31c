-- Reporting exceptions: a holding of unknown size of a placeholder, with the source's code.
SELECT
    _record, 'undisclosed:' || lei || ':' || category AS owner_id, lei AS owned_id, false AS disclosed, reason,
    'GLEIF reporting exceptions' AS source
FROM exceptions
WHERE aside IS NULL
