"""Words that sources write for the categories of the data model: said in a reject, so that they can be mapped.

Nothing is read by this list: a word is only taken for another where a loader's `values` says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from graphrisk.model.table import Column

_OTHER = "其他 其它 others"
_WORDS: dict[frozenset[str], dict[str, str]] = {
    frozenset({"company", "person", "guarantee_company"}): {
        "company": "企业 公司 法人 企业法人 单位 对公 对公客户 企业客户 公司客户 有限公司 有限责任公司 股份有限公司 "
        "集团 corporate corporation corp firm enterprise legal_entity legal_person limited_company ltd",
        "person": "个人 自然人 对私 对私客户 个人客户 个体 individual natural_person private_person people human",
        "public_body": "机关 政府 政府机构 行政机关 机关单位 事业单位 国家机关 政府平台 government public_sector state",
        "bank": "银行 商业银行 银行业金融机构 金融机构 financial_institution banks",
        "guarantee_company": "担保公司 融资担保公司 融资性担保公司 担保机构 担保 guarantor guarantee",
        "fund": "基金 信托 信托计划 资管计划 资产管理计划 trust",
        "nominee": "代持 代持人 名义股东 名义持有人",
        "unknown": "未知 不详 不明 其他 其它 other n/a na none",
    },
    frozenset({"micro", "small", "medium", "large"}): {
        "micro": "微型 微型企业 微 微企 微小",
        "small": "小型 小型企业 小 小企业 s",
        "medium": "中型 中型企业 中 中企业 mid middle medium_sized m",
        "large": "大型 大型企业 大 大企业 特大型 big l",
    },
    frozenset({"active", "watch", "defaulted", "closed"}): {
        "active": "正常 存续 在营 在业 开业 有效 活跃 正常类 normal performing open good ok",
        "watch": "关注 关注类 预警 观察 special_mention watchlist watch_list",
        "defaulted": "违约 不良 不良类 次级 可疑 损失 default non_performing npl bad",
        "closed": "关闭 结清 已结清 销户 已销户 注销 已注销 吊销 失效 inactive settled",
    },
    frozenset({"real_estate", "inventory", "receivables"}): {
        "real_estate": "房地产 不动产 房产 房屋 住宅 商铺 厂房 土地 土地使用权 property land building realestate",
        "inventory": "存货 库存 货物 商品 仓单 stock goods",
        "receivables": "应收账款 应收款 应收款项 应收 receivable accounts_receivable",
        "equipment": "设备 机器设备 机械设备 机器 车辆 交通工具 machinery machine vehicle",
        "shares": "股权 股票 股份 上市股权 share equity stocks securities",
        "cash": "现金 保证金 存单 定期存单 存款 deposit",
        "other": _OTHER,
    },
    frozenset({"several", "joint_several"}): {
        "several": "按份 按份共同 按份担保 按份保证 按份共同保证 proportional",
        "joint_several": "连带 连带责任 连带担保 连带保证 连带共同保证 连带责任保证 连带责任担保 joint_and_several",
    },
    frozenset({"general", "joint"}): {
        "general": "一般 一般保证 一般担保",
        "joint": "连带 连带责任 连带保证 连带责任保证 连带责任担保 joint_several joint_and_several",
    },
    frozenset({"loan", "trade_credit", "bond"}): {
        "loan": "贷款 借款 委托贷款 拆借 loans",
        "trade_credit": "商业信用 赊销 赊账 应收账款 应付账款 receivable payable trade",
        "bond": "债券 债 bonds note",
        "other": _OTHER,
    },
    frozenset({"accounts", "votes", "board"}): {
        "accounts": "并表 合并报表 合并财务报表 consolidation consolidated",
        "votes": "表决权 投票权 voting vote",
        "board": "董事会 directors",
        "agreement": "协议 一致行动 一致行动协议 合同 contract",
        "other": _OTHER,
    },
    frozenset({"family", "director", "same_as"}): {
        "family": "亲属 家庭 家族 配偶 夫妻 父子 母子 兄弟 子女 spouse relative",
        "director": "董事 董事长 执行董事 chairman",
        "officer": "高管 经理 总经理 监事 法定代表人 法人代表 财务负责人 manager ceo cfo",
        "address": "地址 同地址 注册地址 办公地址",
        "phone": "电话 手机 同电话 联系电话 telephone mobile",
        "same_as": "同一人 同一主体 同一 same",
        "associate": "关联 关联方 关联人 其他 其它 associated related other",
        "auditor": "审计 审计机构 会计师事务所",
        "accountant": "会计 会计人员 代理记账",
        "same_person": "同一自然人 同名自然人 同名 person same_name",
        "device": "设备 同设备 登录设备",
    },
    frozenset({"receipts", "expenditure", "insolvency"}): {
        "receipts": "收入 销售 销售收入 revenue sales",
        "expenditure": "支出 采购 成本 purchases cost",
        "guarantee": "担保 保证 guarantees",
        "output": "产出 产量 产能 production",
        "repayment_source": "还款来源 还款 repayment",
        "funding": "融资 资金 资金来源 financing",
        "insolvency": "破产 资不抵债 bankruptcy",
    },
}  # fmt: skip
"""By words that choices of a column have in common: choice -> what sources write for it."""
_FLAGS = {
    "true": "是 有 对 真 已 √ ✓ ✔ 是的 上市 已上市 v on",
    "false": "否 无 没有 错 假 未 × ✗ ✘ 非 不是 不 未上市 非上市 off",
}


def meant_by(column: Column, text: str) -> str:
    """Return the value of the data model that `text` probably means for a category or a yes/no; "" if none is known.

    Case, width, and white space or hyphens in place of underscores are looked through.
    """
    folded = _folded(text)
    if column.kind == "bool":
        return next((value for value, words in _FLAGS.items() if folded in words.split()), "")
    for choice in column.choices:
        if folded == choice:
            return choice
    for shared, words in _WORDS.items():
        if shared <= set(column.choices):
            for choice, said in words.items():
                if choice in column.choices and folded in said.split():
                    return choice
    return ""


def mapping_of(column: str, words: Mapping[str, str]) -> str:
    """Return how a loader is told what the words of a column mean, as it stands in loader.toml."""
    pairs = [f'"{_escaped(word)}" = {_quoted(value)}' for word, value in words.items()]
    return f"values.{column} = {{ {', '.join(pairs)} }}"


def how_to_write(column: str, word: str, value: str) -> str:
    """Return in words what to write in place of `word`, or how to have it read as it stands."""
    return (
        f"{word!r} means {value}: write that, or map it with {mapping_of(column, {word: value})} in a copy of the "
        "loader's toml"
    )


def _quoted(value: str) -> str:
    return value if value in ("true", "false") else f'"{_escaped(value)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _folded(text: str) -> str:
    return re.sub(r"[\s\-]+", "_", unicodedata.normalize("NFKC", text).strip().casefold())
