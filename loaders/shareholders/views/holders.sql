-- Each line with both ends as ids and bounds as fractions; `aside` says why it is not used.
WITH bounds AS (
    SELECT
        parts._record, parts.what, parts.form, parts.said,
        CASE form WHEN 'whole' THEN 0.98 WHEN 'majority' THEN 0.5 WHEN 'negligible' THEN 0.0
                  WHEN 'exact' THEN first / scale WHEN 'above' THEN first / scale WHEN 'between' THEN first / scale
                  WHEN 'below' THEN 0.0 END AS low,
        CASE form WHEN 'whole' THEN 1.0 WHEN 'majority' THEN 1.0 WHEN 'negligible' THEN 0.0001
                  WHEN 'exact' THEN first / scale WHEN 'above' THEN 1.0 WHEN 'between' THEN second / scale
                  WHEN 'below' THEN first / scale END AS high,
        form = 'majority' OR (form = 'above' AND NOT contains(word, '>=')) AS low_open,
        form = 'below' AND NOT contains(word, '<=') AS high_open
    FROM parts
    JOIN (SELECT what, CASE WHEN fractions THEN 1.0 ELSE 100.0 END AS scale FROM units) USING (what)
)
SELECT
    told._record,
    coalesce(nullif(told.owner_number, ''), told.owner_name) AS owner_id,
    coalesce(nullif(told.owner_name, ''), told.owner_number) AS owner_name,
    coalesce(nullif(told.owned_number, ''), told.owned_name) AS owned_id,
    coalesce(nullif(told.owned_name, ''), told.owned_number) AS owned_name,
    told.tag, told.kind, nullif(told.via, '') AS via, told.country,
    s.low AS share_min, s.high AS share_max, v.low AS votes_min, v.high AS votes_max,
    coalesce(s.low_open, false) OR coalesce(v.low_open, false) AS low_open,
    coalesce(s.high_open, false) OR coalesce(v.high_open, false) AS high_open,
    s.said,
    CASE
        WHEN coalesce(told.owner_number, told.owner_name, '') = '' THEN 'it names no owner (no column is called owner, shareholder, 股东 ...)'
        WHEN coalesce(told.owned_number, told.owned_name, '') = '' THEN 'it names no firm (no column is called company, owned, 公司 ...)'
        WHEN s.form = 'unread' THEN 'its share is no number, range or word that is known: ' || s.said
        WHEN v.form = 'unread' THEN 'its votes are no number, range or word that is known: ' || v.said
    END AS aside
FROM told
JOIN bounds s ON s._record = told._record AND s.what = 'share'
JOIN bounds v ON v._record = told._record AND v.what = 'votes'
