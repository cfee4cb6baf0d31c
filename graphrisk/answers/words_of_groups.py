"""Words of groups of connected clients, limits, relations and shared collateral."""

from __future__ import annotations

COLUMNS = """
group_id=客户集团 head_id=集团核心 reported_as=报送类型 derived=由数据推算 counts=计入 why_not=不计原因 together_in=仍同属集团
author=认定人 decided_on=认定日 expires_on=失效日 declared_id=申报集团 missing=缺少 extra=多出 not_clients=非客户 before_id=此前集团
subject_id=对象 subject=对象类型 sme=中小企业 turnover=年销售额 balance_sheet=资产总额 enterprises=计入企业数 public=公共机构持股
recognised_mitigation=已认可缓释 exposure_after=缓释后风险暴露 indirect=间接风险暴露 capital_base=资本基数 use=占用 internal_limit=内部限额
ladder=预警级别 capital=资本口径 headroom=可用余额 large=大额风险暴露 check_dependency=须核查依存关系 hint=仅为线索 hidden=隐性关联
signal_a=信号甲 signal_b=信号乙 scope=范围 support=支持度 together=同时出现 days=相隔天数 parties_a=甲户数 parties_b=乙户数
name_similarity=名称相似度 covered_fallen=下跌后覆盖 assets=涉及押品 ok=符合 pd_before=此前违约概率 pd_after=此后违约概率
equity_before=此前净资产 number=序号
"""
TABLES = """
groups_groups=关联客户组 groups_members=成员及依据 groups_dependencies=经济依存关系 groups_rebuttals=反证 groups_declared=申报集团对比
groups_changes=客户组变化 groups_sme=中小企业认定权重 groups_sme_status=中小企业认定 limits_use=限额占用 limits_related_parties=本行关联方 limits_members=集团成员
relations_pairs=关联关系 relations_common=过于常见的取值 relations_signals=同时出现的风险信号 relations_duplicates=疑似重复主体
collateral_scenario=情景下的押品覆盖
"""
VALUES = """
control=控制 economic=经济依存 receipts=收入 expenditure=支出 output=产出 repayment_source=还款来源 funding=资金来源 insolvency=连带破产
replaceable=可替代 below_threshold=低于阈值 unknown_denominator=分母未知 oneself=指向自身 rebutted=已反证 below_check=未达核查标准
applied=已生效 no_link=无该关系 expired=已过期 not_yet=尚未生效 equal=一致 different=不一致 not_found=未识别 undeclared=未申报
joins=加入 leaves=退出 new_group=新集团 gone_group=集团消失 self=本企业 linked=关联企业 partner=合伙企业 client=客户 group=集团
exposure_others=非机构成员风险暴露 none=无 blue=蓝 yellow=黄 orange=橙 red=红 breach_internal=突破内部限额 breach_legal=突破法定限额
tier1=一级资本净额 net_capital=资本净额 party=主体 all=合计 co_controlled=同受控制 co_owned=同一股东 family=亲属 same_as=疑似同一主体
co_guarantor=共同担保 officer=高管 associate=业务伙伴 phone=同一电话 device=同一设备 same_person=同名自然人 value=相同取值 address=同一地址
accountant=同一会计 auditor=同一审计机构 related=关联主体 pd=违约概率 loss_caused=造成的损失 bank_loss_caused=造成的本行损失
a=甲类（控制） b=乙类（相互依存）
"""
OF_TABLE = {
    "groups_sme_status": {"missing": "数据缺失户数"},
    "changes_circles": {"group_id": "担保圈"},
    "changes_groups": {"group_id": "担保网络"},
    "groups_groups": {"parties": "成员"},
}
