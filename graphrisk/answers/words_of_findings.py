"""Findings of `quality` in Chinese: what was found and what to do, by the name of the check.

`{n}` is the number of rows or parties, `{table}` the table in words. English stands beside each check.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_SAID = {
    "oversubscribed_shares": ("{n} 个主体的股东已知持股合计超过 100 %", "查找重复登记的持股、已结束的持股，或误填为出资的表决权。"),
    "oversubscribed_votes": ("{n} 个主体的股东已知表决权合计超过 100 %", "查找重复登记的表决权，或同一链条上两层的登记。"),
    "self_holdings": ("{n} 项持股是主体持有自身", "确认是否为库存股（不增加净资产）；如系笔误请更正股东。"),
    "ownership_circle": ("{n} 组主体相互持股或相互控制，形成闭环", "查明由谁决策：闭环持股掩盖真实股东，净资产被重复计算。"),
    "undisclosed_holdings": ("{n} 项持股已申报但未披露持有人（豁免或未知）", "查询持有人；该份额视为有人持有但身份未知。"),
    "reversed_bounds": ("{n} 项持股的下限高于上限", "更正 share_min 与 share_max（或 votes_min 与 votes_max）。"),
    "unknown_shares": ("{n} 项持股比例未知", "查询持股比例；在此之前按 0 至剩余份额之间计。"),
    "guarantee_of_another_debtor": ("{n} 项担保所指授信的借款人不是被担保人", "更正 debtor_id 或 facility_id。"),
    "failed_guarantors": ("{n} 项担保的担保人已违约或已注销", "要求更换担保人，不再依赖该担保。"),
    "guarantor_equity_unknown": ("{n} 个担保人净资产未知，无法判断其代偿能力", "索取财务报表；未另行设定时，传染计算视其无代偿能力。"),
    "guarantee_behind_nothing": ("{n} 项担保的被担保人没有任何授信", "注销该担保或补充授信数据；该担保无法被要求履行。"),
    "guarantee_far_above_debt": ("{n} 项担保金额超过对应授信限额与余额的两倍", "核对金额与币种，检查是否单位有误。"),
    "self_guarantees": ("{n} 项担保是主体为自身担保", "不作为保障（所有方法均不计）；查找真正的担保人。"),
    "own_debt_in_group": ("{n} 项联保合同同时覆盖成员自身债务", "无需处理：联保合同列明全体成员，自身债务部分一律不计。"),
    "guarantee_to_oneself": ("{n} 项担保仅覆盖担保人自己发放的贷款", "该担保不保障任何人：查找真正的贷款人。"),
    "own_loan_guaranteed": ("{n} 项全额担保覆盖了担保人自己发放的贷款", "母公司向子公司放款时常见：该笔贷款不计，担保额度用于其他债务。"),
    "pledge_to_oneself": ("{n} 项质押的资产所有人即为贷款人", "该质押不保障任何人，不予计入：查找真正的贷款人或所有人。"),
    "self_facilities": ("{n} 笔授信由借款人自己发放", "更正 lender_id 或 borrower_id；贷款人为本行时 lender_id 留空。"),
    "co_borrower_is_a_side": ("{n} 个共同借款人就是该授信的借款人或贷款人", "不增加债务人，不予计入：查找真正的共同借款人。"),
    "pledged_beyond_value": ("{n} 项资产的质押金额超过其价值", "见 quality_collateral；厘清顺位与金额，每项资产只计一次。"),
    "asset_of_several_borrowers": ("{n} 项资产为多个借款人的贷款提供担保", "将这些借款人一并看待：价格下跌或处置会同时影响其全部贷款。"),
    "pledge_by_non_owner": ("{n} 项质押的资产属于借款人以外的主体", "确认所有人同意；借款人违约时损失由所有人承担。"),
    "asset_owner_unknown": ("{n} 项已质押资产的所有人未知", "依赖该资产之前，先在登记机关查明所有人。"),
    "old_appraisals": ("{n} 项已质押资产的评估已过期", "重新评估（参数 appraisal_days 设定期限）。"),
    "undated_appraisals": ("{n} 项已质押资产有价值但无评估日期", "填写 valued_on，以便判断时效。"),
    "future_appraisals": ("{n} 项资产的评估日期晚于数据日", "更正 valued_on，或选择更晚的数据日。"),
    "past_maturity": ("{n} 笔授信已到期而未偿还", "确认是否展期或逾期，并更正 maturity_on 或 days_past_due。"),
    "over_limit": ("{n} 笔授信余额超过限额", "确认超额，或更正 limit_amount。"),
    "same_loan_twice": ("{n} 笔授信在债权表中重复出现（双方与金额相同）", "只保留在其中一张表，否则损失重复计算。"),
    "self_exposures": ("{n} 项债权是主体对自身的债权", "删除，或填写真正的对手方。"),
    "non_positive_amounts": ("{table}中 {n} 行金额为零或负数", "更正正负号或删除该行；目前按零计。"),
    "unknown_amounts": ("{table}中 {n} 行没有金额", "补充金额；目前按零计。"),
    "identical_rows": ("{table}中 {n} 行除编号与来源外完全重复", "重复行会累加：仅在确为不同合同时保留。"),
    "missing_currency": ("{table}中 {n} 行没有币种，按本位币处理", "补充币种。"),
    "rate_implausible": ("{n} 笔授信的年利率不合理：百分数误填为数字？", "4.35 % 应写作 0.0435 或 4.35%：写 4.35 会被读作 435 %（参数 rate_high 设定上限）。"),
    "loan_unit": ("{n} 笔授信与借款人报表及其他贷款均不相称：单位误为万元？", "核对贷款（outstanding、limit_amount）与报表的单位；加载配置可对列乘以倍数（scale）。"),
    "closed_supply_network": ("{n} 个主体只在封闭的供应网络内供货，没有最终买方", "补充对外销售（financials.sales 或代表最终需求的主体）；封闭网络中的冲击不会消退。"),
    "self_supplies": ("{n} 项供货是主体对自身供货", "删除内部供货，或填写收货的工厂。"),
    "missing_financials": ("{n} 个负债或提供担保的主体没有财务报表", "索取财务报表，先从最大债务人开始；缺少时无法计算比率与损失。"),
    "missing_equity": ("{n} 个主体的报表未列净资产", "填写净资产，或总资产减总负债。"),
    "stale_financials": ("{n} 个负债或提供担保的主体只有过期报表", "索取新报表（参数 financials_days 设定期限）。"),
    "negative_equity": ("{n} 个主体的净资产为零或负", "核实报表；传染计算视其起始即违约。"),
    "unbalanced_accounts": ("{n} 份报表不平：资产减负债不等于净资产", "查找缺失的少数股东权益，或单位错误。"),
    "cash_bridge": ("{n} 份报表的现金流不能由期初现金推至期末现金", "查看现金流量表，或报表期间是否与所填一致。"),
    "old_exchange_rates": ("{n} 个币种只有过期汇率", "加载接近数据日的汇率（参数 fx_days 设定期限）。"),
    "isolated_parties": ("{n} 个主体没有任何关系、授信或资产", "如属实无需处理；否则检查是否有表未加载。"),
    "unknown_ids": ("{table}中 {n} 行引用了数据中不存在的主体、授信或资产", "补充缺失的数据或更正编号；该行不计入。"),
    "same_party": ("{n} 个主体疑似另一主体的第二个编号", "确定正确编号并在所有文件中统一使用：两个编号按两个主体计，从不合并。"),
    "odd_ids": ("{table}中 {n} 个编号含全角、不可见字符或首尾空格", "按其他文件的写法书写编号，否则引用它的行无法匹配。"),
    "same_id": ("{table}中 {n} 对编号仅大小写、全半角或空格不同", "如为同一合同只保留其一：目前两者均计入。"),
    "lei_check_digits": ("{n} 个主体的 LEI 有误：长度或校验位不符", "重新查询 LEI：错误的 LEI 在其他来源中查不到。"),
    "credit_code_check_digit": ("{n} 个主体的统一社会信用代码有误：长度、字符或校验位不符", "重新查询代码（GB 32100-2015；不使用字母 I、O、S、V、Z）。"),
    "rejected_rows": ("最近一次加载拒绝了{table}的 {n} 行（或整次加载被拒绝）", "在源头更正后重新加载（被拒绝的行及原因已写入文件）：未加载的数据不在任何数字中。"),
    "near_column": ("{table}的来源中有 {n} 列未使用，但与缺失的列相似", "在加载器的 toml 中用 rename 指定，或用 ignore 排除，然后重新加载。"),
}  # fmt: skip
_TOLD_BESIDE = ("rejected_rows", "near_column")
"""Checks whose English finding names what their number does not: it stays, in brackets."""


def names_in_chinese() -> frozenset[str]:
    """Return the names of the checks that have Chinese words."""
    return frozenset(_SAID)


def finding_in_chinese(check: str, table_word: str, rows: int, english: str) -> str:
    """Return what a check found in Chinese, the English where there is none (a check of another package)."""
    words = _SAID.get(check)
    if words is None:
        return english
    said = words[0].format(n=f"{rows:,}", table=table_word)
    return f"{said}（{english}）" if check in _TOLD_BESIDE else said


def action_in_chinese(check: str, english: str) -> str:
    """Return what to do in Chinese, the English where there is none."""
    words = _SAID.get(check)
    return english if words is None else words[1]


def in_chinese(found: pd.DataFrame, title: Callable[[str], str]) -> pd.DataFrame:
    """Return a table of findings with `finding` and `action` in Chinese; `title` puts the name of a table into words."""
    keys = list(zip(found["check"], found["table"], found["rows"], found["finding"], found["action"], strict=True))
    return found.assign(
        finding=[finding_in_chinese(check, title(table), int(rows), said) for check, table, rows, said, _ in keys],
        action=[action_in_chinese(check, action) for check, *_, action in keys],
    )
