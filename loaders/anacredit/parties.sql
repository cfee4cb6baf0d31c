-- Counterparties; the sector says what they are.
SELECT
    _record, trim(CNTRPRTY_ID) AS party_id, NM_ENTTY AS name,
    CASE
        WHEN INSTTTNL_SCTR LIKE 'S14%' THEN 'person'
        WHEN INSTTTNL_SCTR LIKE 'S122%' THEN 'bank'
        WHEN INSTTTNL_SCTR LIKE 'S123%' OR INSTTTNL_SCTR LIKE 'S124%' THEN 'fund'
        WHEN INSTTTNL_SCTR LIKE 'S13%' OR INSTTTNL_SCTR LIKE 'S121%' THEN 'public_body'
        ELSE 'company'
    END AS kind,
    CNTRY AS country, LEI AS lei, 'AnaCredit' AS source
FROM counterparties
