"""Words of ownership and control: who owns, controls and stands behind whom."""

from __future__ import annotations

COLUMNS = """
capital_min=资本下限 capital_max=资本上限 certain=确定 recorded_in=文件与行号 path=路径 reason=原因 direct_min=直接下限 direct_max=直接上限
over_subscribed=合计超100% aggregate_min=合计下限 aggregate_max=合计上限 reached=触及 requirement=要求 red_flag=需警惕
controlled_id=被控制方 controller_id=控制方 ultimate=最终控制 proof=推导 share_ab=甲持乙 share_ba=乙持甲 via_id=共同第三方
share_via_a=第三方持甲 share_via_b=第三方持乙 layers=层数 height=步数 holders=法人持有人 persons=自然人 nominees=代持人
foreign_layers=境外层数 complex=结构复杂 unknown_share=代持份额 arrangements=法律安排 cycle=循环 spectral_radius=谱半径
closed=封闭 no_answer=无答案 holder_id=持有人 votes=表决权 relative_control=相对控制 shapley=Shapley指数 banzhaf=Banzhaf指数
weakest_link=控制权 cash_flow=现金流权 wedge=两权分离
"""
TABLES = """
ownership_integrated=穿透持股 ownership_control=控制关系 ownership_close_links=紧密联系 ownership_indicators=股权结构指标
ownership_cycles=循环持股 ownership_power=表决权力指数 owners_owners=受益所有人 owners_changes=受益所有人变化 owners_listed=名单触及的主体
"""
VALUES = """
ownership_and_control=持股并控制 senior_manager=高级管理人员 undisclosed=未列名 votes=表决权 control_fact=控制事实
"""
OF_TABLE = {
    "owners_owners": {"basis": "认定依据", "legal_basis": "法规条文", "evidence": "文件与行号"},
    "owners_changes": {"basis": "认定依据", "legal_basis": "法规条文"},
    "owners_listed": {"evidence": "文件与行号"},
}
