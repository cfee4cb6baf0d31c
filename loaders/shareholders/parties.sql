-- Firms and owners, each once. What an owner is: what the list says, else a nominee or broker by the words of its name, else
-- a company by the words of its name or because others own it, else a person.
WITH told AS (
    SELECT _record, owned_id AS party_id, owned_name AS name, NULL AS kind, NULL AS country, true AS owned FROM holders WHERE aside IS NULL
    UNION ALL
    SELECT _record, owner_id, owner_name, kind, country, false FROM holders WHERE aside IS NULL
    UNION ALL
    SELECT _record, via, via, 'nominee', NULL, false FROM holders WHERE aside IS NULL AND via IS NOT NULL
),
each AS (
    SELECT
        min(_record) AS _record, party_id, arg_min(name, _record) AS name, any_value(lower(kind)) AS said,
        any_value(country) AS country, bool_or(owned) AS owned
    FROM told
    GROUP BY party_id
)
SELECT
    _record, party_id, name,
    CASE
        WHEN said IN ('person', 'individual', 'natural person', '自然人', '个人', 'i') THEN 'person'
        WHEN said IN ('nominee', '代持人') THEN 'nominee'
        WHEN said IN ('bank', '银行') THEN 'bank'
        WHEN said IN ('fund', '基金') THEN 'fund'
        WHEN said IN ('state', 'public body', 'public authority', '国家', '国有', '政府') THEN 'public_body'
        WHEN said IN ('company', 'corporate', 'legal person', '企业法人', '企业', '公司', '法人') THEN 'company'
        WHEN owned THEN 'company'
        -- who holds for others: nominees, depositories, custodians, brokers
        WHEN regexp_matches(upper(name), '\b(NOMINEES?|DEPOSITORY|DEPOSITARY|CUSTOD(Y|IAN|IANS)|SECURITIES|BROKERS?|BROKERAGE|STOCKBROKERS?|KAY HIAN|KIM ENG|CLEARING)\b')
            OR regexp_matches(name, '(代持|代理人|证券登记结算|结算代理)') THEN 'nominee'
        WHEN regexp_matches(upper(name), '\bBANK(ING)?\b') OR contains(name, '银行') THEN 'bank'
        WHEN regexp_matches(upper(name), '\b(FUND|FUNDS)\b') OR contains(name, '基金') THEN 'fund'
        WHEN regexp_matches(upper(name), '\b(LTD|LIMITED|PTE|PTY|INC|CORP|CORPORATION|COMPANY|CO|LLC|LLP|LP|PLC|SDN|BHD|BERHAD|GMBH|AG|SA|SAS|SARL|NV|BV|AB|AS|OY|SPA|SRL|KK|HOLDINGS?|GROUP|TRUST|TRUSTEES?|FOUNDATION|PARTNERS|PARTNERSHIP|INVESTMENTS?|CAPITAL|ASSETS?|ENTERPRISES?|INTERNATIONAL|PROPERTIES|INSURANCE|ASSURANCE|ESTATES?|TRADING|INDUSTRIES|MANAGEMENT|ASSOCIATION|SOCIETY|UNIVERSITY|GOVERNMENT|MINISTER|MINISTRY|AUTHORITY)\b')
            OR regexp_matches(name, '(公司|企业|集团|合伙|中心|事务所|委员会|协会|研究院)') THEN 'company'
        ELSE 'person'
    END AS kind,
    country,
    'shareholder list' AS source
FROM each
