"""Names of tables, columns and categories in words: English made from the name, Chinese from a list."""

from __future__ import annotations

from functools import cache

from graphrisk.answers import words_of_credit, words_of_groups, words_of_standing
from graphrisk.model.chinese import TABLES_ZH

_ENGLISH = (
    "ead=EAD pd=PD lgd=LGD lei=LEI hhi=HHI ebit=EBIT ebitda=EBITDA hhi=HHI ecl=ECL pd_stressed=stressed_PD "
    "a_id=one_party b_id=other_party to_id=to from_id=from on_id=on es_share=share_of_tail es_contribution=ES_added "
    "var_contribution=VaR_added exposure_share=of_exposure loss_added=loss_added bank_loss_added=bank_loss_added "
    "share=share es_contribution=ES_added amount_ab=one_for_other amount_ba=other_for_one component=group "
    "guaranteed_in=received guaranteed_out=promised over_guarantee_ratio=times_net_assets over_guarantee=cover "
    "bottleneck_amount=weakest_link total_amount=sum default_added=fails_by_it default_round=round "
    "outstanding=outstanding effective_number=effective_number in_circle=in_circle pd_net=PD_with_network "
    "with_low=at_least with_high=at_most"
)
_CHINESE = """
a_id=主体甲 b_id=主体乙 action=措施 adjoint_effect=敏感度效应 allocated_amount=分配金额 amount=金额 amount_ab=甲为乙担保
amount_ba=乙为甲担保 amount_to_net_assets=金额/净资产 as_of=数据日 as_of_on=汇率日 asset_class=资产类别 audited=经审计
bank_loss=本行损失 bank_loss_added=新增本行损失 bank_loss_base=基准本行损失 bank_loss_baseline=基准本行损失
bank_loss_caused=引致本行损失 bank_loss_without=剔除后本行损失 baseline=基准 baseline_high=基准上限 baseline_low=基准下限
basis=依据 before=之前 after=之后 before_guarantors=担保代偿前 betweenness=介数 betweenness_error=介数误差 borrower_id=借款人
borrowers=借款人数 bottleneck_amount=最弱环节 bottleneck_debtor_id=最弱环节债务人 bottleneck_guarantor_id=最弱环节担保人
breached=突破限额 buyer_id=买方 called=被要求代偿 cap_behind=担保上限 cap_to_net_assets=担保/净资产 cash=货币资金 cause=原因
change=变动 check=检查项 circle_id=担保圈编号 classification=五级分类 client_since_on=开户日 closed_form=解析解
collateral_id=抵质押物 collateral_recovery=抵质押回收 community=社群 component=群组 contact_score=联系度 contract_id=合同
controlled_id=被控制方 controller_id=控制方 core=核数 cost=成本 country=国家 creditor_id=债权人 criterion=标准
cumulative_cost=累计成本 currency=币种 current_assets=流动资产 current_liabilities=流动负债 days_past_due=逾期天数
debtor_id=债务人 debtors=被担保户数 default_added=新增违约 default_at_start=期初违约 default_round=违约轮次 defaulted=违约
defaults=违约户数 defaults_baseline=基准违约户数 defaults_caused=引致违约户数 defaults_without=剔除后违约户数 deliveries=供货
dependent_id=依赖方 depth=层数 detail=说明 dimension=维度 disclosed=已披露 ead=违约风险暴露 employees=员工人数 ead_behind=担保的风险暴露 ebit=息税前利润
ebitda=息税折旧摊销前利润 effect=效果 effect_on_bank_loss=对本行损失的影响 effect_on_loss=对总损失的影响
effect_on_party=对该主体的影响 effect_per_cost=单位成本效果 effective_number=有效数 eigenvector=特征向量中心性 end_id=终点
equity=净资产 equity_after=冲击后净资产 equity_base=基准净资产 equity_volatility=股权波动率 es_contribution=ES贡献
es_share=尾部占比 essential=关键供应 event_id=事件 exact=精确 examples=示例 excess=超额 expected_loss=预期损失
expected_loss_baseline=基准预期损失 expected_loss_stressed=压力预期损失 exposure=授信余额 exposure_known=已知授信占比
exposure_share=占授信比例 facilities=授信笔数 facility_id=授信 fact=要素 fingerprint=数据指纹 finding=发现 flow=流量 from=来源
from_id=来自 from_on=起始日 grade=等级 group=组别 groups=组数 guarantee_id=担保合同 guarantee_paid=已代偿 guarantee_unmet=未能代偿
guaranteed_in=获得担保 guaranteed_out=对外担保 guarantor_id=担保人 guarantor_paid=担保人代偿 guarantors=担保人数 haircut=折扣率
harmonic=调和中心性 harmonic_error=调和误差 hhi=赫芬达尔指数 in_circle=在担保圈内 in_degree=入度 in_strength=入强度
incorporated_on=成立日 industry=行业 inflow=流入 interest_expense=利息支出 inventory=存货 is_client=本行客户 katz=卡茨中心性
kind=类型 known=已知 known_on=知悉日 known_share=已知占比 layer=关系层 lei=LEI lender_id=出借人 length=长度 level=置信水平
lgd=违约损失率 liability=保证方式 limit=限额 limit_amount=授信额度 limit_utilisation=额度使用率 listed=上市 loaders=加载器
long_term_debt=长期负债 looked_at=检查数 loss_added=新增损失 loss_caused=引致损失 loss_collateral=抵质押损失
loss_exposures=债权损失 loss_fraction=损失比例 loss_own_stop=停产损失 loss_ownership=股权损失 loss_shock=冲击损失
loss_supplies=供应链损失 loss_without=剔除后损失 losses=损失口径 lower=下界 market_value_equity=股权市值 material_cost=材料成本
maturity_on=到期日 meaning=含义 measure=指标 measure_after=措施后 measure_before=措施前 mode=担保方式 model=模型 month_on=月份
name=名称 national_id=统一社会信用代码 needed=需要 net_assets=净资产 net_income=净利润 obligors=债务人数 occurred_on=发生日
on_id=被依赖方 cost_of_sales=营业成本 investing_cash_flow=投资现金流 financing_cash_flow=筹资现金流 operating_cash_flow=经营现金流 operating_costs=经营成本 order=次序 origin_id=源头 other_id=对方 out_degree=出度
out_strength=出强度 outflow=流出 outstanding=余额 over_guarantee=担保能力 over_guarantee_ratio=担保/净资产倍数
overdraft_days=透支天数 owned_id=被持股方 owner_credit_score=企业主信用分 owner_id=所有人 owners=股东数 package=程序包
pagerank=PageRank paid=已付 paid_added=新增代偿 paid_base=基准代偿 paid_on=付款日 pairs=担保关系数 params=参数 parties=主体
partners=对方户数 party_id=主体 party_loss_without=剔除后该主体损失 payee_id=收款人 payer_id=付款人 pd=违约概率
pd_stressed=压力违约概率 period_end_on=报告期末 period_months=报告期月数 pledged=已质押 probability=概率 product=产品
production_lost=产能损失 products=产品 query=查询 rank=排名 rate=汇率 ratio=比率 read=读取 receivables=应收账款 region=地区
rejected=拒收 loaded=入库 replaceable=可替代 retained_earnings=留存收益 round=轮次 rows=行数 sales=营业收入 reason=原因
scenarios_beyond=超出情景数 sentence=说明 setting=设置 severity=严重程度 share=占比 share_known=已知占比 share_max=持股上限
share_min=持股下限 share_of_wallet=钱包份额 shocked=受冲击 shortfall=缺口 side=角色 size=规模 snapshot=快照 source=来源
source_id=来源方 source_kind=来源类型 start_id=起点 start_on=放款日 status=状态 step=步骤 stressed=压力 stressed_high=压力上限
stressed_low=压力下限 supplier_id=供应商 table=表 target_id=目标方 target_kind=目标类型 tenure_months=合作月数 title=标题
to_id=去向 to_on=终止日 top_1=最大1户 top_10=最大10户 top_20=最大20户 top_5=最大5户 total_amount=合计金额 total_assets=总资产
total_liabilities=总负债 unit=单位 unknown_net_assets=净资产不详户数 unmet=未代偿 unmet_added=新增未代偿 unmet_base=基准未代偿
analyzer=分析器 view=视图 party=主体参数 trouble=问题 whole=完好 faults=缺陷 reason_zh=原因（中文） evidence_zh=证据（中文） detail_zh=说明（中文） why_zh=理由（中文） cost_unit=成本含义 saves=减少额
cycle_id=循环编号 arrangement=法律安排 max_exclusive=不含上限 min_exclusive=不含下限 opaque=不透明 phone=电话 address=地址
renewal_basis=续贷依据 renewed_on=续贷日 restructured_on=重组日 relationship=关系 overdue=逾期金额
worst_days_past_due=最长逾期天数 upper=上界 upstream=上游 value=值 valued_on=评估日 var_contribution=VaR贡献 version=版本 via=经由 votes_max=表决权上限
votes_min=表决权下限 what=说明 with_contagion=含传染 with_high=含传染上限 with_low=含传染下限 without_contagion=不含传染
without_high=不含传染上限 without_low=不含传染下限 from_party=来源主体 debtor=债务人 guarantor=担保人 key=编号 effect_share=占比
part_id=担保圈 clients=客户数 contracts=担保合同数 guaranteed=担保金额 loans=贷款余额 non_performing=不良贷款 mutual_share=互保占比
cyclic_share=循环担保占比 top3_share=前三大占比 depth_max=最大层数 depth_mean=平均层数 regions=地区数 industries=行业数
lending_banks=贷款银行数 beyond_net_assets=超净资产户数 type=类型 no_net_assets=无净资产户数 core_id=核心企业 core_loans=核心企业贷款
top3_loans=前三大贷款 guaranteed_loans=担保贷款 mutual_loans=互保贷款 told_share=质量已知占比 special_mention=关注类贷款
overdue_90=逾期90天以内 off_balance=表外授信 main_region=主要地区 main_industry=主要行业 rule=规则 line=上限 legal_basis=依据
allocated=分配金额 over_pledge_ratio=超额质押比 ltv=贷款价值比 ltv_fallen=下跌后贷款价值比 counted=折后价值 taken=可得金额 free=剩余价值
last_rank_short=后顺位缺口 claim=主张金额 short=缺口 pledge=质押序号 only=仅押品相连 connected=另有间接联系 other=其他关系 covered=已覆盖
uncovered=未覆盖 shared=共享 guaranteed_flag=有担保 fall=跌幅 uncovered_added=新增未覆盖 above_value=超出价值笔数 clients_before=签约前客户数 clients_after=签约后客户数 exposure_before=签约前授信 added=新增成员 left=退出成员
use_before=签约前占用 use_after=签约后占用 level_before=签约前级别 level_after=签约后级别 headroom_after=签约后余额 threshold=阈值 broken=突破 circle=担保圈 reach=可达主体 loans_sum=可达贷款 loans_count=贷款笔数 closes_circle=形成担保圈
loans_before=签约前可达贷款 guaranteed_out_before=签约前对外担保 guaranteed_out_after=签约后对外担保 over_guarantee_before=签约前担保能力
over_guarantee_after=签约后担保能力 ratio_before=签约前倍数 ratio_after=签约后倍数 guaranteed_in_before=签约前获得担保
guaranteed_in_after=签约后获得担保 in_circle_before=签约前在圈内 in_circle_after=签约后在圈内 joined=合并的担保圈 parties_before=签约前户数
parties_after=签约后户数 depth_before=签约前层数 depth_after=签约后层数 loans_after=签约后贷款 type_after=签约后类型 role=角色
bank_loss_before=签约前本行损失 bank_loss_after=签约后本行损失 defaults_before=签约前违约户数 defaults_after=签约后违约户数
equity_lost_before=签约前净资产损失 equity_lost_after=签约后净资产损失 piece=所在块 piece_a=块甲 piece_b=块乙 loans_between=块间贷款 kept_share=块内保留占比 total_loss_stopped=阻断总损失
defaults_stopped=阻断违约户数 guarantee_ids=担保合同 pieces=拆分块数 largest_piece=最大块户数 loss_stopped=阻断损失
capital_min=持股下限 capital_max=持股上限 direct_min=直接持股下限 direct_max=直接持股上限 certain=确定 path=路径 evidence=证据 strength=强度
via_id=经由 reached=触及 red_flag=警示 requirement=要求 aggregate_min=合计下限 aggregate_max=合计上限 ultimate=最终 proof=推导
"""
_TABLES = """
centrality_scores=网络中心性 chains_parties=担保能力
chains_circles=担保圈 chains_pairs=互保 chains_chains=担保链 chains_stars=担保中心户 chains_components=担保圈群组
chains_parts=担保网络 chains_findings=担保规则检查 chains_cuts=担保圈拆分 collateral_assets=押品 collateral_waterfall=受偿顺位 collateral_links=押品联系的借款人 collateral_single=单一押品的融资
collateral_falls=价格下跌 precheck_summary=签约前后对比 precheck_circles=闭合的担保圈 precheck_chain=担保链可达贷款
precheck_groups=变动的客户集团 precheck_limits=限额占用对比
precheck_parties=担保变动的主体 precheck_parts=变动的担保圈 precheck_losses=违约损失对比 chains_links=拆分连接 concentration_summary=集中度概要 concentration_dimensions=各维度集中度 concentration_groups=最大分组
concentration_guarantors=担保人集中度 contagion_parties=受影响主体 contagion_facilities=授信损失 contagion_calls=担保代偿
contagion_importance=单户违约的后果 contagion_base=无冲击时的违约 contagion_comparison=压力对比 contagion_groups=分组压力结果
contagion_pd=违约概率变动 explain_lines=损失构成 explain_flows=损失路径 explain_origins=损失源头 explain_path=传导路径
explain_contracts=关键合同 intervene_best=最佳单项措施 intervene_actions=建议措施 intervene_candidates=备选措施 portfolio_summary=组合损失
portfolio_comparison=组合压力对比 portfolio_contributions=尾部贡献 portfolio_groups=分组尾部贡献
portfolio_distribution=损失分布 quality_findings=数据质量问题 quality_checks=检查项 quality_coverage=数据覆盖
quality_ownership=股权比例问题 quality_collateral=抵质押物超额 quality_closed_supply=封闭供应链 changes_summary=变动概要
changes_parties=主体变动 changes_contracts=合同变动 changes_circles=担保圈变动 changes_groups=担保网络变动
changes_scores=风险指标变动 changes_findings=问题变动 changes_limits=限额变动 report_losses=一年内的损失 report_dangerous=最危险的十个客户 report_stress=压力情景 snapshots=快照 queries=查询 analyzers=分析器
views=视图 settings=设置 packages=程序包 tables=各表
"""
_VALUES = """
company=企业 person=自然人 public_body=公共机构 bank=银行 guarantee_company=担保公司 fund=基金 nominee=代持人 unknown=不详
micro=微型 small=小型 medium=中型 large=大型 active=正常 watch=关注 defaulted=违约 closed=已结清 real_estate=房地产
inventory=存货 receivables=应收账款 equipment=设备 shares=股权 cash=现金 other=其他 several=按份 joint_several=连带
general=一般保证 joint=连带保证 loan=贷款 trade_credit=商业信用 bond=债券 ok=充足 beyond_net_assets=超过净资产
no_net_assets=无净资产 high=高 low=低 guarantor=担保人 debtor=债务人 industry=行业 region=地区 size=规模 rating=评级 obligor=债务人
collateral=抵质押 guarantee_network=担保网络 exposures=债权 exposure=债权 guarantees=担保 guarantee=担保 ownership=股权
supplies=供应链 own_stop=停产 lending=贷款 pledge=抵质押 shock=冲击 initial=期初 capital=补充资本 cut=压降授信 split=拆分担保
guarantor_added=增加担保人 new=新增 gone=消失 changed=变化 EL=预期损失 VaR=在险价值 ES=预期尾部损失 UL=非预期损失
defaults=违约户数 obligors_in_default=违约借款人 ead_in_default=违约风险暴露 parties_touched=受影响主体 bank_loss=本行损失
bank_loss_before_contagion=传染前本行损失 own_bank_loss=本行损失 own_loss_rate=本行损失率 other_lenders_loss=其他出借人损失
equity_lost=净资产损失 shortfall=缺口 guarantor_paid=担保人代偿 guarantee_unmet=未能代偿 collateral_value=抵质押价值
collateral_cover=抵质押覆盖 expected_loss=预期损失 mean_pd=平均违约概率 becomes=成为 ceases=不再是 yes=是 no=否
mutual=互保 chain=链状 star=星状 circle=环状 mixed=混合 breach=突破 near=临近 exempt=豁免 five_clients=担保户数 circles=担保圈闭合 chain_loans=担保链贷款 loss_added=最大违约损失 loss_debtor=债务人违约损失 loss_guarantor=担保人违约损失
over_guarantee=担保倍数 limits=限额 groups=客户集团 guaranteed=担保金额 longest_chain=最长担保链 largest_part=最大担保圈
parties_in_circles=圈内户数 merged=合并 both=两者 money=金额 ratio=倍数 count=数量
guarantee_company_leverage=担保公司放大倍数 ownership_and_control=持股与控制 senior_manager=高级管理人员
undisclosed=未具名 votes=表决权 control_fact=控制关系
facilities=授信 combined=全部关系合并 pledges=抵质押 feedback=反馈 prices=价格下跌 scenario_price=情景价格 unexplained=无法归因
claim=压降债权 delivery=转移供货 release=解除担保 stake=出售持股 circular=循环 dominant=支配 dominant_circular=循环支配
before_guarantors=担保代偿前 with_contagion=含传染 without_contagion=不含传染 board=董事会 agreement=协议 accounts=并表
ultimate=最终 direct=直接 director=董事 unsecured=无抵质押 overdraft=透支 limit_full=额度用满 rating_change=评级变动
restructuring=重组 enforcement=强制执行 lawsuit=诉讼 news=负面新闻 covenant_breach=违反约定 bankruptcy_filed=申请破产
default=违约 liquidation=清算 binomial=二项检验 percentile=百分位
"""


BY_SEGMENT = "_by_segment"
"""How the tables of sums by segment end."""
_TOGETHER = {
    "sum": (", sum", "合计"),
    "true": (": how many", "户数"),
    "mean": (", mean", "均值"),
    "median": (", median", "中位数"),
}
_CAPITALS = {"pd": "PD", "ead": "EAD", "lgd": "LGD", "ecl": "ECL"}


_ROOMS = (words_of_groups, words_of_standing, words_of_credit)


@cache
def _listed(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


@cache
def _chinese(kind: str) -> dict[str, str]:
    """Return all Chinese words of a kind, COLUMNS, TABLES or VALUES: those of the rooms, then those of this file."""
    own = {"COLUMNS": _listed(_CHINESE), "TABLES": {**_listed(_TABLES), **TABLES_ZH}, "VALUES": _listed(_VALUES)}
    return {word: said for room in _ROOMS for word, said in _listed(getattr(room, kind)).items()} | own[kind]


@cache
def _chinese_columns(table: str) -> dict[str, str]:
    """Return the Chinese headings of a table's columns: its own go before those of all tables."""
    own = [_CHINESE_OF_TABLE, *(room.OF_TABLE for room in (words_of_standing, words_of_credit, words_of_groups))]
    return _chinese("COLUMNS") | {name: said for words in own for name, said in words.get(table, {}).items()}


def column_word(name: str, lang: str, table: str = "") -> str:
    """Return the heading of a column in words; its own name where the list has none, in English with spaces."""
    base, _, how = name.rpartition("_")
    if table.endswith(BY_SEGMENT) and how in _TOGETHER:
        word = column_word(base, lang, table.removesuffix(BY_SEGMENT))
        return f"{word}{_TOGETHER[how][1]}" if lang == "zh" else f"{word}{_TOGETHER[how][0]}"
    if lang == "zh":
        words = _chinese_columns(table)
        if name in words:
            return words[name]
        if name.endswith("_name") and name[:-5] + "_id" in words:
            return f"{words[name[:-5] + '_id']}名称"
        return _CAPITALS.get(name, name)
    if (table, name) in _OF_TABLE and lang == "en":
        return _OF_TABLE[table, name]
    plain = {**_listed(words_of_credit.ENGLISH), **_listed(_ENGLISH)}.get(name, name)
    for ending in ("_id", "_on", "_at"):
        plain = plain.removesuffix(ending)
    return " ".join(_CAPITALS.get(word, word) for word in plain.split("_"))


_OF_TABLE = {
    ("chains_components", "size"): "parties in it",
    ("chains_components", "parties"): "who",
    ("chains_circles", "parties"): "who guarantees whom",
    ("chains_circles", "length"): "parties",
    ("report_losses", "without_of_ead"): "of EAD",
    ("report_losses", "with_of_ead"): "of EAD",
    ("quality_findings", "rows"): "count",
    ("quality_findings", "exposure_share"): "of exposure",
}
"""Headings of columns whose name says less than it could, in the tables where that is so."""


_CHINESE_OF_TABLE = {
    "report_losses": {"without_of_ead": "占风险暴露", "with_of_ead": "占风险暴露"},
    "report_stress": {
        "scenario": "情景",
        "bank_loss": "压力本行损失",
        "own_loss_rate": "本行损失率",
        "limits": "突破限额",
        "defaults_added": "新增违约户数",
        "expected_loss": "压力预期损失",
    },
    "report_dangerous": {"bank_loss": "本行损失", "loss_caused": "总损失", "defaults_caused": "牵连违约户数"},
    "facilities": {"rate": "利率", "classification": "五级分类"},
    "fx": {"rate": "汇率"},
    "precheck_groups": {"exposure_after": "签约后授信"},
    "precheck_limits": {"exposure_after": "签约后授信"},
    "collateral": {"owner_id": "所有人"},
    "ownership": {"owner_id": "股东", "owned_id": "被持股方"},
}


def table_word(name: str, lang: str) -> str:
    """Return the title of a table in words; its own name where the Chinese have no word for it."""
    if name.endswith(BY_SEGMENT):
        base = table_word(name.removesuffix(BY_SEGMENT), lang)
        return f"{base}（按细分）" if lang == "zh" else f"{base} by segment"
    return _chinese("TABLES").get(name, name) if lang == "zh" else name.replace("_", " ")


def value_word(value: str, lang: str) -> str:
    """Return a category in words."""
    if lang == "zh" and (said := _chinese("VALUES").get(value)) is not None:
        return said
    return " ".join(_CAPITALS.get(word, word) for word in value.split("_"))
