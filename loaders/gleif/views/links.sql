-- Relationships as they stand: a relationship runs from the child (start) to the parent (end).
WITH each AS (
    SELECT
        _record,
        any_value(trim(cell)) FILTER (header = 'Relationship.StartNode.NodeID') AS child,
        any_value(trim(cell)) FILTER (header = 'Relationship.EndNode.NodeID') AS parent,
        any_value(trim(cell)) FILTER (header = 'Relationship.RelationshipType') AS type,
        coalesce(any_value(trim(cell)) FILTER (header = 'Relationship.RelationshipStatus'), 'ACTIVE') AS status,
        coalesce(any_value(trim(cell)) FILTER (header = 'Registration.RegistrationStatus'), 'PUBLISHED') AS registration,
        any_value(regexp_extract(header, 'Period\.([0-9]+)', 1)) FILTER (
            header LIKE 'Relationship.Period.%.periodType' AND trim(cell) = 'RELATIONSHIP_PERIOD') AS period
    FROM cells
    GROUP BY _record
),
dated AS (
    SELECT
        each._record,
        any_value(left(trim(cell), 10)) FILTER (header = 'Relationship.Period.' || period || '.startDate') AS from_on,
        any_value(left(trim(cell), 10)) FILTER (header = 'Relationship.Period.' || period || '.endDate') AS to_on
    FROM each
    JOIN cells ON cells._record = each._record
    GROUP BY each._record
),
known AS (SELECT DISTINCT trim(LEI) AS lei FROM entities)
SELECT
    each.*, from_on, to_on,
    CASE
        WHEN coalesce(child, '') = '' OR coalesce(parent, '') = '' THEN 'no relationship: an end is missing'
        WHEN status = 'INACTIVE' THEN 'inactive: the relationship has ended'
        WHEN registration NOT IN ('PUBLISHED', 'LAPSED', 'PENDING_TRANSFER', 'PENDING_ARCHIVAL')
            THEN 'its registration is ' || registration
        WHEN type NOT IN ('IS_DIRECTLY_CONSOLIDATED_BY', 'IS_ULTIMATELY_CONSOLIDATED_BY', 'IS_INTERNATIONAL_BRANCH_OF',
                          'IS_FUND-MANAGED_BY', 'IS_SUBFUND_OF', 'IS_FEEDER_TO') THEN 'a type that is not read: ' || type
        WHEN child = parent THEN 'an entity and itself'
        WHEN (SELECT count(*) FROM known) > 0 AND (child NOT IN (SELECT lei FROM known) OR parent NOT IN (SELECT lei FROM known))
            THEN 'an end is in no level 1 file that was given'
    END AS aside
FROM each
LEFT JOIN dated USING (_record)
