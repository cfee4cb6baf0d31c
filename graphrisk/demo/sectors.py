"""What the clients of the synthetic bank do and where: industries, provinces, size classes, rating grades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """A division of GB/T 4754-2017: its code, share of the clients, words for names, and the ratios of its accounts.

    `turnover` is sales over total assets, `material` cost of materials over sales, `margin` EBIT over sales.
    """

    code: str
    weight: float
    trades: tuple[str, ...]
    product: str
    turnover: float
    material: float
    margin: float


def _industry(
    code: str, weight: float, trades: str, product: str, turnover: float, material: float, margin: float
) -> Industry:
    words = tuple(trades.split())
    return Industry(
        code=code, weight=weight, trades=words, product=product, turnover=turnover, material=material, margin=margin
    )


INDUSTRIES: tuple[Industry, ...] = (
    _industry("A01", 3, "农业 种业 生态农业", "农产品", 0.7, 0.55, 0.07),
    _industry("C13", 4, "食品 粮油 农产品加工", "粮油", 1.4, 0.70, 0.05),
    _industry("C17", 7, "纺织 针纺 印染", "坯布", 1.1, 0.66, 0.05),
    _industry("C18", 4, "服饰 制衣 服装", "成衣", 1.2, 0.58, 0.06),
    _industry("C22", 2, "纸业 包装", "纸制品", 0.9, 0.64, 0.06),
    _industry("C26", 4, "化工 新材料 精细化工", "化工原料", 0.9, 0.65, 0.08),
    _industry("C29", 4, "塑料 橡塑", "塑料件", 1.1, 0.66, 0.06),
    _industry("C30", 3, "建材 水泥制品 玻璃", "建材", 0.8, 0.58, 0.08),
    _industry("C31", 3, "钢铁 特钢 铸造", "钢材", 1.2, 0.76, 0.04),
    _industry("C33", 6, "金属制品 五金 紧固件", "五金件", 1.1, 0.66, 0.06),
    _industry("C34", 6, "机械 泵阀 轴承", "机械部件", 0.9, 0.60, 0.08),
    _industry("C36", 4, "汽车部件 汽配", "汽车零件", 1.0, 0.66, 0.07),
    _industry("C38", 5, "电气 电缆 电器", "电气设备", 1.0, 0.68, 0.07),
    _industry("C39", 4, "电子 光电 半导体", "电子元件", 0.9, 0.62, 0.09),
    _industry("D44", 1, "热电 能源", "电力", 0.5, 0.55, 0.11),
    _industry("E47", 5, "建设 建筑工程", "工程施工", 0.8, 0.68, 0.05),
    _industry("E48", 3, "路桥 市政工程", "土建施工", 0.7, 0.66, 0.05),
    _industry("F51", 11, "贸易 商贸 物资", "大宗商品", 2.4, 0.90, 0.02),
    _industry("F52", 6, "百货 超市 零售", "日用品", 1.9, 0.80, 0.03),
    _industry("G54", 4, "物流 运输 货运", "运输服务", 1.0, 0.45, 0.06),
    _industry("H61", 2, "酒店 宾馆", "住宿服务", 0.4, 0.28, 0.07),
    _industry("I65", 3, "软件 信息技术 数据", "软件服务", 0.9, 0.30, 0.12),
    _industry("K70", 4, "置业 房地产开发", "房产", 0.3, 0.60, 0.14),
    _industry("L72", 3, "投资 商务服务 咨询", "商务服务", 0.4, 0.25, 0.12),
)
"""A selection of divisions; weights and ratios are plausible orders of magnitude of our own, not statistics."""

OWN_MARKET = "C35"
"""Division of the story's single supplier: nobody else in the bank is in it, so that nobody can step in."""

PROVINCES: dict[str, float] = {
    "浙江": 14, "江苏": 14, "广东": 12, "山东": 10, "河南": 6, "四川": 5, "湖北": 5, "福建": 5, "安徽": 4,
    "湖南": 4, "河北": 4, "上海": 4, "北京": 3, "辽宁": 3, "陕西": 2, "江西": 2, "重庆": 2, "天津": 2,
}  # fmt: skip
"""Provinces with weights of our own: a bank of the east coast."""

SIZES = ("micro", "small", "medium", "large")
SIZE_WEIGHTS = (0.40, 0.42, 0.155, 0.025)
"""How many clients are in each class: a bank of small firms, by our judgement."""

SIZE_ASSETS = np.array([2.5e6, 1.2e7, 7e7, 3.5e8])
"""Median total assets of each size class, CNY: with our turnovers, sales lie in the classes of 工信部联企业〔2011〕
300号 for industry (below 3, 20 and 400 million; remembered, not read again)."""

GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "D")
GRADE_PD = np.array([0.0003, 0.0008, 0.0020, 0.0055, 0.0140, 0.0380, 0.1200, 1.0])
"""Default probability of each grade within a year: a master scale of our own, each step about 2.7 times the last."""

GRADE_SHARES = np.array([0.02, 0.07, 0.18, 0.30, 0.25, 0.13, 0.05])
"""Share of the clients not in default in each grade, best first."""
