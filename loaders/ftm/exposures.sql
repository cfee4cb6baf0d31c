-- Debts with an amount and a currency.
SELECT
    _record, source AS creditor_id, target AS debtor_id, try_cast(props->>'$.amount[0]' AS DOUBLE) AS amount,
    upper(props->>'$.currency[0]') AS currency, 'loan' AS kind, 'FollowTheMoney' AS source
FROM edges
WHERE schema = 'Debt' AND try_cast(props->>'$.amount[0]' AS DOUBLE) IS NOT NULL AND props->>'$.currency[0]' IS NOT NULL
