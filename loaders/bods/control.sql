-- Interests that give a say but no share. Indirect control is kept: control does not add up, so nothing is doubled.
SELECT DISTINCT
    _record,
    holder_id AS controller_id,
    held_id AS controlled_id,
    CASE
        WHEN said LIKE '%CONSOLIDATED_BY%' THEN 'accounts'  -- GLEIF level 2: the accounts of the group
        WHEN kind = 'appointmentOfBoard' THEN 'board'
        WHEN said LIKE '%FUND-MANAGED_BY%' THEN 'agreement'
        WHEN kind IN ('rightsGrantedByContract', 'conditionalRightsGrantedByContract', 'nominator',
                      'controlViaCompanyRulesOrArticles') THEN 'agreement'
        ELSE 'other'
    END AS basis,
    from_on,
    to_on,
    source
FROM interests
WHERE goes_to = 'control'
