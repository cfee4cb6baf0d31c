-- What each line says, whatever its header is called; a header not listed here is not read.
WITH cells AS (
    UNPIVOT (SELECT * EXCLUDE (_file, _line) FROM lines) ON COLUMNS(* EXCLUDE (_record)) INTO NAME header VALUE cell
),
known AS (
    SELECT _record, trim(cell) AS cell, lower(regexp_replace(trim(header), '[\s_\-]+', ' ', 'g')) AS header FROM cells
)
SELECT
    lines._record,
    any_value(cell) FILTER (header IN ('owner id', 'shareholder id', 'holder id', 'shareholder bvd id', 'shareholder bvd id number',
                                       '股东编号', '股东id', '股东代码')) AS owner_number,
    any_value(cell) FILTER (header IN ('owner', 'owner name', 'shareholder', 'shareholder name', 'shareholdername', 'holder',
                                       'holder name', '股东', '股东名称', '股东姓名', '出资人')) AS owner_name,
    any_value(cell) FILTER (header IN ('owned id', 'company id', 'bvd id', 'bvd id number', 'orgid', '公司代码', '企业编号',
                                       '被投资企业编号', '证券代码')) AS owned_number,
    any_value(cell) FILTER (header IN ('owned', 'owned name', 'company', 'company name', 'issuer', 'firm', '公司', '公司名称',
                                       '企业名称', '被投资企业', '被投资企业名称')) AS owned_name,
    any_value(cell) FILTER (header IN ('percent', 'percentage', 'pct', 'share', 'share %', 'stake', 'direct %', 'direct',
                                       'shareholder direct %', 'shareholding', 'shareholderratio', 'shareholder ratio', '持股比例',
                                       '持股比例(%)', '持股比例（%）', '出资比例', '占比')) AS share,
    any_value(cell) FILTER (header IN ('votes', 'voting rights', 'votes %', '表决权比例', '表决权')) AS votes,
    any_value(cell) FILTER (header IN ('tag', 'shareholder tag', 'shareholdertag', 'type', 'role', '标签', '股东标签', '备注'))
        AS tag,
    any_value(cell) FILTER (header IN ('kind', 'owner kind', 'owner type', 'shareholder type', '股东类型', '股东性质')) AS kind,
    any_value(cell) FILTER (header IN ('via', 'nominee', '代持人')) AS via,
    any_value(cell) FILTER (header IN ('country', 'owner country', '国家')) AS country
FROM lines
LEFT JOIN known ON known._record = lines._record
GROUP BY lines._record
