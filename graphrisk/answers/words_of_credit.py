"""Words of the credit vocabulary: ratios, scores, profile, migration, what the network adds."""

from __future__ import annotations

ENGLISH = """
pd_own=own_PD fall_1=falls_by pd_debtor=debtor_PD pd_guarantor=guarantor_PD joint_pd=joint_PD el_saved=EL_saved el_without=EL_without
merton_pd=Merton_PD ohlson_pd=Ohlson_PD zmijewski_pd=Zmijewski_PD altman=Altman
auc=AUC auc_low=AUC_low auc_high=AUC_high auc_alone=AUC_alone auc_with=AUC_with
auc_without=AUC_without auc_gain=AUC_gain ks=KS ap=average_precision
fit_s=seconds_a_fit hosmer_lemeshow_p=Hosmer-Lemeshow_p
spiegelhalter_p=Spiegelhalter_p jeffreys_p=Jeffreys_p prudent_pd=most_prudent_PD woe=WOE
iv=IV psi=PSI mean_model_pd=mean_PD_of_model mean_final_pd=mean_final_PD
auc_model=AUC_of_model auc_final=final_AUC mean_pd=mean_PD
"""
COLUMNS = """
weak=弱项数 compared=可比项数 mean_percentile=平均百分位 weakest=最弱项 weakest_percentile=最弱项百分位 trend=同比变化
peer_percentile=同业百分位 peers=可比户数 peer_group=可比组 code=取值方式 identity=勾稽关系 stated=报表值 implied=推算值
difference=差额 family=类别 better=方向 definition=定义 values=数值个数 median=中位数 codes=其他情况
variant=模型变体 altman=Altman值 zone=区间 distance_to_default=违约距离 merton_pd=Merton违约概率 proxy=替代值
ohlson_pd=Ohlson概率 zmijewski_pd=Zmijewski概率 score=评分 chosen=采用 variant_reason=取用理由 pd_low=违约概率下限
pd_own=自身违约概率 pd_net=网络违约概率 add_on=增量 add_on_points=增加分数 odds_ratio=几率比 source_1=来源一 fall_1=降幅一
source_2=来源二 fall_2=降幅二 source_3=来源三 fall_3=降幅三 method=方法 frequency=频率 part=所属部分 rated=有评级
defaults_own=自身预期违约 defaults_net=网络预期违约 non_backtracking=不回溯界 noisy_or=Noisy-or界
coverage=覆盖 strongest=最强项 segment=分群 dimension=维度 weight=权重 evidence=依据 indicator=指标 scale=评分方式
rule_segment=规则分群 record=信用记录 tenure=合作年限 cluster=聚类 exposure_share=余额占比 mean_pd=平均违约概率
segment_a=分群甲 segment_b=分群乙 kind_a=类别甲 kind_b=类别乙 lift=提升度 credit_history=信用历史 repayment_ability=还款能力
stability=稳定性 prospects=发展前景 basics=基本情况
relation=关系 rho=相关系数 pd_debtor=债务人违约概率 pd_guarantor=担保人违约概率 joint_pd=同时违约概率 effectiveness=有效性
capacity=代偿能力 capacity_share=能力分摊 effective_cover=有效覆盖 counted_cover=计入覆盖 el_saved=减少预期损失
double_default_factor=双重违约系数 why=原因 contracts=合同数 stated_cover=名义担保 uncovered=未覆盖 el_without=无担保预期损失
cover_ratio=覆盖率 promised=担保总额 beyond=超出额 capacity_ratio=能力比
from_grade=原等级 to_grade=新等级 years=年数 low=下限 high=上限 count=次数 estimator=估计方法 from_count=起始客户年
stays=不变 worse=下调 default=违约 default_low=违约下限 default_high=违约上限 stated_pd=模型违约概率
default_5y=五年违约 threshold=阈值 small=样本少
pd_high=违约概率上限 residual=残差 asset_value=资产价值 asset_volatility=资产波动率
model=模型 auc=AUC auc_low=AUC下限 auc_high=AUC上限 ks=KS ap=平均精度 brier=Brier分 fit_s=拟合秒数
auc_gain=AUC增量 gain_low=增量下限 gain_high=增量上限 default_rate=违约率
hosmer_lemeshow_p=HL检验p值 spiegelhalter_p=Spiegelhalter检验p值 column=列 auc_alone=单列AUC
auc_with=含该列AUC auc_without=剔除后AUC suspected=疑似 points=分数 factor=因子 points_lost=扣分 bin=分箱
woe=证据权重 goods=未违约数 bads=违约数 iv=信息值 clients=客户数 prudent_pd=审慎违约概率
jeffreys_p=Jeffreys检验p值 sample=样本 measure=指标 p_value=p值 verdict=结论 psi=PSI band=判断 split=划分
features=特征 horizon_months=预测月数 uplift=AUC增量 guard=检查 direction=方向 mean_model_pd=模型平均违约概率
mean_final_pd=调整后平均违约概率 auc_model=模型AUC auc_final=调整后AUC rows=行数 value=值
"""
TABLES = """
ratios_parties=同业比较 ratios_values=财务比率 ratios_findings=报表勾稽问题 ratios_definitions=比率定义
network_pd_parties=网络违约概率 network_pd_parts=关联部分 network_pd_bounds=快速上界
profile_parties=客户画像 profile_dimensions=画像维度 profile_indicators=画像指标 segments_members=客户分群
segments_summary=分群概要 segments_clusters=画像聚类 segments_cross=交叉表
guarantee_value_contracts=担保合同价值 guarantee_value_facilities=被担保贷款 guarantee_value_clients=被担保客户
guarantee_value_guarantors=担保人能力
migration_grades=各等级去向 migration_matrix=迁移矩阵 migration_generator=生成矩阵 migration_thresholds=资产收益阈值
calibration_grades=等级校准 calibration_measures=校准检验
scores_parties=经典评分 scores_values=各期评分
rate_comparison=模型比较 rate_leaks=疑似泄露 rate_ratings=评级结果 rate_reasons=扣分原因
rate_factors=模型构成 rate_grades=等级检验 validate_measures=检验指标 validate_grades=等级检验
validate_stability=稳定性 validate_network=网络特征检验 validate_guards=时点检查
validate_overrides=人工调整
"""
VALUES = """
current=流动比率 quick=速动比率 debt_to_assets=资产负债率 debt_to_equity=产权比率 interest_cover=利息保障倍数 roe=净资产收益率
roa=总资产收益率 roi=投入资本回报率 gross_margin=毛利率 net_margin=净利率 asset_turnover=总资产周转率 inventory_days=存货周转天数
receivable_days=应收账款周转天数 ocf_to_debt=经营现金流债务比 sales_growth=销售增长率 cash_runway_months=现金可支撑月数
liquidity=流动性 leverage=杠杆 coverage=偿付 profitability=盈利 activity=营运 growth=成长 more=越高越好 less=越低越好
closing_value=期末值 material_cost=材料成本 missing=缺失 denominator=分母不为正 no_year_before=无上年数 no_outflow=现金未净流出
balance=资产负债平衡 cash_bridge=现金流勾稽
exact=精确 simulated=模拟
credit_history=信用历史 repayment_ability=还款能力 stability=稳定性 prospects=发展前景 basics=基本情况 relationship=关系
days_past_due=逾期天数 overdraft_days=透支天数 loan_class=贷款分类 defaults=违约次数 arrears=欠款次数 suits=诉讼次数
owner_score=企业主信用分 owner_events=实控人负面事件 owner_failures=实控人其他企业违约 utilisation=额度使用率 age_years=成立年数
tenure_months=合作月数 products=产品数 share_of_wallet=钱包份额 inflow_variation=流入波动 contact=联系度
net_margin_trend=净利率变化 inflow_trend=流入趋势 equity_ratio=净资产率 accounts_age_days=报表天数 audited=已审计
identified=身份已核 promised_to_equity=担保/净资产 in_guarantee_circle=在担保圈 neighbours_in_default=违约对手占比
largest_buyer=最大买方占比 largest_supplier=最大供方占比 shares_contact_with_default=与违约户共用联系方式
rule=规则 cluster=聚类 community=社群 clean=良好 late=逾期 new=新客户 settled=稳定客户 old=老客户
same_controller=同一控制人 unrelated=无关联 no_pd_of_debtor=债务人无违约概率 no_pd_of_guarantor=担保人无违约概率
for_oneself=自我担保 no_loan_of_ours=非本行贷款 no_capacity=无代偿能力 capacity_not_known=代偿能力不详 debtor_cannot_default=债务人不违约
cohort=队列法 aalen_johansen=Aalen-Johansen generator=强度法 matrix=给定矩阵 jlt=JLT log_regularised=对数修正
distress=困境区 grey=灰色区 safe=安全区 altman_z=Z altman_z1=Z' altman_z2=Z″ altman_em=EM
scorecard=打分卡 logit=逻辑回归 tree=决策树 forest=随机森林 boosted=梯度提升树
boosted_monotone=单调梯度提升树 mlp=神经网络 expert=专家模板 random=随机 temporal=时间 own=自有特征 helps=有帮助
add_on=自有评分之上叠加 structure=网络位置 neighbour_defaults=邻居违约 neighbour_attributes=邻居特征
hurts=有害 unclear=不明 base=基准 stable=稳定 shift=偏移 action=需处理 known_later=事后才知
agrees=相符 too_low=偏低 too_high=偏高 known_before_it_happened=早于发生日 assumed=假定 worse=下调 better=上调 kept=未变
"""
OF_TABLE = {"migration_grades": {"better": "上调"}}
"""Headings in the tables where they say something else."""
