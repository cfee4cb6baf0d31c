"""Headers that banks and registers write, by table and column: what a draft of a loader is made from.

Nothing is loaded by this list: it proposes a mapping that a person reads and keeps or changes.
"""

from __future__ import annotations

from functools import cache

_PARTY = "客户号 客户编号 客户代码 客户id 企业编号 企业代码 主体编号 cif cif_no cust_no cust_id customer customer_id client_id"
_CURRENCY = "币种 货币 币别 ccy curr currency_code"
_FROM, _TO = "起始日 起始日期 生效日 生效日期 开始日期 start_date", "到期日 到期日期 终止日 失效日期 结束日期 end_date"
_LOAN = "借据号 借据编号 贷款编号 贷款账号 借款合同号 主合同号 loan_no loan_id loan_account facility_no"

_WORDS: dict[str, dict[str, str]] = {
    "parties": {
        "party_id": f"{_PARTY} 编号 id 统一编号 party_no",
        "name": "客户名称 企业名称 名称 单位名称 公司名称 姓名 户名 客户名 customer_name client_name company_name full_name",
        "kind": "客户类型 主体类型 类型 客户类别 customer_type client_type entity_type type",
        "is_client": "是否授信客户 是否客户 本行客户 授信客户 is_customer client",
        "country": "国家 国别 注册国家 nation",
        "region": "地区 省份 所在省份 省 所在地区 注册地 区域 province state",
        "industry": "行业 行业代码 所属行业 国民经济行业 行业分类 sector nace sic",
        "size": "企业规模 规模 规模类型",
        "status": "客户状态 状态 经营状态 company_status",
        "lei": "lei码 lei_code",
        "national_id": "统一社会信用代码 社会信用代码 组织机构代码 证件号码 证件号 注册号 身份证号 registration_number reg_no tax_id",
        "phone": "联系电话 电话 电话号码 手机 手机号 手机号码 固定电话 telephone tel mobile phone_number contact_phone",
        "address": "地址 注册地址 经营地址 办公地址 住所 通讯地址 registered_address street_address",
        "incorporated_on": "成立日期 成立日 注册日期 成立时间 incorporation_date founded founded_on established",
        "client_since_on": "开户日期 建档日期 客户建立日期 client_since",
        "listed": "是否上市 上市 上市公司",
    },
    "facilities": {
        "facility_id": f"{_LOAN} 合同号 合同编号 授信编号 id",
        "borrower_id": f"{_PARTY} 借款人 借款人编号 借款人客户号 债务人 borrower debtor_id obligor_id",
        "lender_id": "贷款行 出借人 贷款人 lender",
        "product": "产品 业务品种 贷款品种 贷款类型 产品类型 product_type",
        "currency": _CURRENCY,
        "limit_amount": "授信额度 额度 合同金额 贷款金额 授信金额 credit_limit limit",
        "outstanding": "余额 贷款余额 借据余额 本金余额 未还本金 授信余额 balance outstanding_amount principal ead",
        "lgd": "违约损失率",
        "rate": "利率 执行利率 年利率 贷款利率 interest_rate coupon",
        "start_on": f"放款日 放款日期 起息日 发放日期 贷款起始日 {_FROM} origination_date drawdown_date",
        "maturity_on": f"贷款到期日 {_TO} maturity maturity_date due_date",
        "days_past_due": "逾期天数 逾期日数 dpd overdue_days",
        "classification": "五级分类 风险分类 贷款分类 loan_class",
        "renewed_on": "展期日期 续贷日期 借新还旧日期 renewal_date",
        "renewal_basis": "续贷方式 展期原因 续贷依据",
        "restructured_on": "重组日期 restructuring_date",
    },
    "guarantees": {
        "guarantee_id": "担保合同号 担保合同编号 保证合同号 担保编号 保证编号 合同号 合同编号 id guarantee_no contract_no",
        "guarantor_id": "担保人 担保人编号 担保人客户号 担保方 保证人 保证人编号 保证人客户号 担保企业 guarantor",
        "debtor_id": "被担保人 被担保人编号 被担保人客户号 被担保方 被保证人 债务人 债务人编号 借款人 借款人编号 借款人客户号 被担保企业 debtor borrower borrower_id",
        "facility_id": f"{_LOAN} 贷款合同号 被担保合同号 被担保借据号",
        "amount": "担保金额 保证金额 担保额 担保余额 最高担保额 金额 guarantee_amount guaranteed_amount cap",
        "currency": _CURRENCY,
        "share": "担保比例 份额",
        "mode": "共同担保方式 份额方式 保证份额",
        "liability": "担保方式 保证方式 责任方式 责任类型",
        "from_on": f"担保起始日 {_FROM}",
        "to_on": f"担保到期日 {_TO}",
    },
    "ownership": {
        "owner_id": "股东 股东编号 股东号 股东代码 股东id 投资人 投资方 出资人 出资方 owner shareholder shareholder_id parent_id",
        "owned_id": f"被投资企业 被投资企业编号 被投资方 目标企业 标的企业 子公司 公司编号 {_PARTY} owned subsidiary subsidiary_id company_id",
        "share_min": "持股比例 出资比例 股权比例 占股比例 持股占比 股份比例 占比 share ownership_share shareholding stake percent_owned",
        "votes_min": "表决权比例 投票权比例 表决权 voting_rights",
        "from_on": f"持股起始日 入股日期 {_FROM}",
        "to_on": f"持股终止日 退出日期 {_TO}",
    },
    "control": {
        "controller_id": "实际控制人 实际控制人编号 实控人 实控人编号 控制人 控制方 controller",
        "controlled_id": f"被控制人 被控制企业 被控制方 {_PARTY} controlled",
        "basis": "控制依据 控制方式",
        "from_on": _FROM,
        "to_on": _TO,
    },
    "co_borrowers": {
        "facility_id": f"{_LOAN} 合同号",
        "party_id": f"共同借款人 共同借款人编号 共同债务人 共同债务人编号 共借人 co_borrower co_debtor joint_borrower {_PARTY}",
        "mode": "共同借款方式 责任方式 责任类型",
        "share": "承担比例 份额 比例",
        "from_on": _FROM,
        "to_on": _TO,
    },
    "dependencies": {
        "dependent_id": "依赖方 依赖方编号 依存客户 依存客户编号 dependent",
        "on_id": "被依赖方 被依赖方编号 依存对象 depends_on",
        "criterion": "依赖类型 依存类型 依存标准",
        "ratio": "依赖比例 占比 比例",
        "replaceable": "是否可替代 可替代",
        "upstream": "是否向上传导",
    },
    "declared_groups": {
        "group_id": "集团编号 集团客户编号 集团号 集团id group group_no risk_group_id",
        "party_id": f"成员编号 成员客户号 集团成员 member member_id {_PARTY}",
        "group_name": "集团名称",
        "from_on": _FROM,
        "to_on": _TO,
    },
    "collateral": {
        "collateral_id": "押品编号 抵押物编号 抵质押物编号 抵质押品编号 押品号 collateral_no asset_id",
        "name": "押品名称 抵押物名称 抵质押物名称 asset_name",
        "kind": "押品类型 抵押物类型 抵质押物类型 押品种类 asset_type collateral_type",
        "owner_id": "权属人 所有权人 抵押人 抵押人编号 押品所有人 出质人 owner pledger",
        "value": "评估价值 评估值 押品价值 市场价值 价值 appraised_value market_value",
        "currency": _CURRENCY,
        "valued_on": "评估日期 评估日 估值日期 appraisal_date valuation_date",
        "haircut": "折扣率 haircut_rate",
        "region": "所在地区 地区 省份",
    },
    "pledges": {
        "facility_id": f"{_LOAN} 合同号",
        "collateral_id": "押品编号 抵押物编号 抵质押物编号 抵质押品编号 押品号 collateral_no asset_id",
        "rank": "顺位 抵押顺位 受偿顺序 priority",
        "allocated_amount": "分配金额 担保债权金额 抵押金额 allocated",
        "currency": _CURRENCY,
        "from_on": _FROM,
        "to_on": _TO,
    },
    "supplies": {
        "supplier_id": "供应商 供应商编号 销货方 卖方 供货方 seller supplier",
        "buyer_id": "采购方 采购商 买方 购货方 购买方 buyer",
        "amount": "交易金额 采购金额 销售金额 年交易额 金额 annual_amount",
        "currency": _CURRENCY,
        "product": "商品 产品 货物",
        "essential": "关键供应 是否关键",
    },
    "exposures": {
        "creditor_id": "债权人 债权人编号 债权方 creditor",
        "debtor_id": "债务人 债务人编号 债务方 debtor",
        "amount": "债权金额 债务金额 金额 claim",
        "currency": _CURRENCY,
        "lgd": "违约损失率",
        "kind": "债权类型",
    },
    "ties": {
        "a_id": "主体a 甲方 关联方a person_a",
        "b_id": "主体b 乙方 关联方b person_b",
        "kind": "关系类型 关联关系 关系 relation relationship",
    },
    "fund_flows": {
        "payer_id": "付款人 付款方 付款人编号 转出方 payer",
        "payee_id": "收款人 收款方 收款人编号 转入方 payee",
        "amount": "交易金额 金额 付款金额 转账金额",
        "currency": _CURRENCY,
        "paid_on": "交易日期 付款日期 交易日 payment_date",
        "facility_id": _LOAN,
    },
    "financials": {
        "party_id": _PARTY,
        "period_end_on": "报告期 报表日期 会计期间 报表期 截止日期 报表截止日 报告期末 period period_end fiscal_year_end",
        "period_months": "报告期月数 会计月数",
        "currency": _CURRENCY,
        "total_assets": "总资产 资产总计 资产合计 资产总额 assets",
        "current_assets": "流动资产 流动资产合计",
        "cash": "货币资金 现金 现金及现金等价物 cash_and_equivalents",
        "inventory": "存货 inventories",
        "receivables": "应收账款 应收款 accounts_receivable trade_receivables",
        "total_liabilities": "总负债 负债合计 负债总计 负债总额 liabilities",
        "current_liabilities": "流动负债 流动负债合计",
        "long_term_debt": "长期借款 长期负债 非流动负债",
        "equity": "所有者权益 净资产 股东权益 所有者权益合计 股东权益合计 net_assets shareholders_equity net_worth",
        "retained_earnings": "未分配利润 留存收益",
        "sales": "营业收入 销售收入 主营业务收入 营业总收入 revenue turnover",
        "cost_of_sales": "销售成本 cogs",
        "material_cost": "营业成本 主营业务成本 材料成本",
        "operating_costs": "营业费用 管理费用 operating_expenses",
        "ebit": "息税前利润 operating_profit",
        "ebitda": "息税折旧摊销前利润",
        "interest_expense": "利息支出 利息费用 财务费用 interest",
        "net_income": "净利润 net_profit profit_after_tax",
        "operating_cash_flow": "经营活动现金流量净额 经营活动现金流净额 经营现金流 cash_flow_from_operations",
        "investing_cash_flow": "投资活动现金流量净额 投资活动现金流净额 投资现金流 cash_flow_from_investing",
        "financing_cash_flow": "筹资活动现金流量净额 筹资活动现金流净额 筹资现金流 cash_flow_from_financing",
        "market_value_equity": "总市值 市值 market_cap",
        "employees": "员工人数 从业人数 从业人员 职工人数 headcount staff",
        "audited": "是否审计 经审计",
    },
    "ratings": {
        "party_id": _PARTY,
        "as_of_on": "评级日期 评级日 评级时间 rating_date",
        "model": "评级模型 模型 评级机构 agency",
        "grade": "等级 评级 信用等级 评级结果 内部评级 rating",
        "pd": "违约概率 probability_of_default",
    },
    "behaviour": {"party_id": _PARTY, "month_on": "月份 统计月份 month", "inflow": "流入 贷方发生额", "outflow": "流出 借方发生额"},
    "events": {
        "event_id": "事件编号",
        "party_id": _PARTY,
        "kind": "事件类型 event_type",
        "occurred_on": "发生日期 事件日期 event_date",
        "detail": "事件描述 描述",
    },
    "fx": {"currency": _CURRENCY, "as_of_on": "日期 汇率日期", "rate": "汇率 exchange_rate"},
}  # fmt: skip
FILES: dict[str, str] = {
    "parties": "客户 企业 主体 customer client party company",
    "facilities": "借据 贷款 授信 loan facilit",
    "guarantees": "担保 保证 guarant",
    "ownership": "股东 股权 持股 owner shareholder",
    "control": "实控人 控制人 control",
    "co_borrowers": "共同借款 共同债务 共借 borrower_list joint_debtor",
    "dependencies": "依存 经济依赖 depend",
    "declared_groups": "集团客户 集团成员 group",
    "collateral": "押品 抵押物 抵质押物 collateral",
    "pledges": "抵押 质押 抵质押 pledge mortgage",
    "supplies": "供应 采购 购销 供销 suppl purchase",
    "exposures": "债权 往来 exposure claim",
    "ties": "关联 关系 ties relation",
    "fund_flows": "流水 资金 转账 flow payment transfer",
    "financials": "财务 报表 financ accounts balance",
    "ratings": "评级 rating",
    "fx": "汇率 fx exchange",
}
"""Words in the name of a file or sheet that hint at its table."""


@cache
def words_of(table: str, column: str) -> frozenset[str]:
    """Return what sources write for a column of a table, folded as `fold` does it."""
    given = _WORDS.get(table, {}).get(column, "").split()
    return frozenset(word.replace("_", "").casefold() for word in [*given, column])


def tables() -> list[str]:
    """Return the tables that a draft can propose."""
    return list(_WORDS)
