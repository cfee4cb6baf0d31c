"""The words of the pages, English and Chinese: one entry each, checked to be used and to be there by tests."""

from __future__ import annotations

from functools import cache

from graphrisk.views.wording.words_of_card import CARD_WORDS
from graphrisk.views.wording.words_of_cascade import CASCADE_WORDS
from graphrisk.views.wording.words_of_circles import CIRCLE_WORDS
from graphrisk.views.wording.words_of_groups import GROUP_WORDS
from graphrisk.views.wording.words_of_network import NETWORK_WORDS
from graphrisk.views.wording.words_of_ownership import OWNERSHIP_WORDS
from graphrisk.views.wording.words_of_risk import RISK_WORDS
from graphrisk.views.wording.words_of_stress import STRESS_WORDS

_PAGE = {
    "search": ("Search name, id or number  ( / )", "搜索名称、编号或登记号  ( / )"),
    "tools": ("Tools", "工具"),
    "undo": ("Undo", "撤销"),
    "undo_title": ("Undo the last change (u)", "撤销上一步 (u)"),
    "home": ("Whole picture", "全图"),
    "home_title": ("Back to the whole picture (o)", "回到全图 (o)"),
    "table": ("Table", "表格"),
    "table_title": ("The picture as tables (t)", "以表格显示图中内容 (t)"),
    "skip": ("Skip to the picture", "跳到图形"),
    "details": ("Lists and details", "列表与详情"),
    "legend_short": ("Legend", "图例"),
    "png_title": ("Save the picture with title, filters and legend", "保存图片（含标题、筛选条件与图例）"),
    "svg_title": ("Save the picture as drawing", "保存为矢量图"),
    "csv_title": ("Save the rows of the table", "保存表格数据"),
    "not_shown": ("not shown", "未显示"),
    "dark": ("Dark", "深色"),
    "dark_title": ("Light or dark (d)", "浅色或深色 (d)"),
    "help_title": ("Keys and mouse", "键盘与鼠标"),
    "help_mouse": (
        "Double click a hexagon to open the group, a party to see it with its neighbours. Zooming in opens groups too.",
        "双击六边形展开群组，双击节点查看其相邻关系；放大画面也会展开群组。",
    ),
    "figures": ("Figures at a glance", "关键指标一览"),
    "legend": ("Legend and filters", "图例与筛选"),
    "picture_label": (
        "Network. Arrow keys move, plus and minus zoom, n and p choose the next and previous; the table is the same.",
        "网络图。方向键移动，加减号缩放，n 与 p 选择下一个与上一个；表格内容与图相同。",
    ),
    "noscript": (
        "This page draws with its own script, which your browser blocks.",
        "本页面需要运行自带脚本才能绘图，您的浏览器已将其阻止。",
    ),
    "drawn": (
        "{groups} groups, {nodes} of {all} nodes, {links} lines drawn",
        "已绘 {groups} 个群组、{nodes} / {all} 个节点、{links} 条连线",
    ),
    "drawn_nodes": ("{nodes} of {all} nodes, {links} lines drawn", "已绘 {nodes} / {all} 个节点、{links} 条连线"),
    "capped": ("only the {limit} with the most relations are drawn", "仅绘制关系最多的 {limit} 个"),
    "filtered": ("filtered", "已筛选"),
    "focus_on": ("{name} and its neighbours", "{name} 及其直接关联方"),
    "more_of": ("{count} more; a click shows them", "另有 {count} 个，单击展开"),
    "parties_and_assets": ("Parties and assets", "主体与资产"),
    "groups": ("Groups", "群组"),
    "group": ("Group", "群组"),
    "relations": ("Relations", "关系"),
    "relation": ("Relation", "关系"),
    "least_amount": ("Smallest amount shown", "最小金额"),
    "fill": ("Fill shows", "填充颜色表示"),
    "no_fill": ("nothing", "不填充"),
    "ring_default": ("ring: in default", "粗环：已违约"),
    "choose_hint": (
        "Click a party, a group or a line. Double click opens a group.",
        "单击节点、群组或连线查看详情，双击展开群组。",
    ),
    "choose_hint_chart": ("Click a name.", "单击名称查看详情。"),
    "id": ("Id", "编号"),
    "name": ("Name", "名称"),
    "kind": ("Kind", "类型"),
    "client": ("Client", "客户"),
    "industry": ("Industry", "行业"),
    "region": ("Region", "地区"),
    "size": ("Size", "规模"),
    "status": ("Status", "状态"),
    "asset_kind": ("Asset", "资产类别"),
    "client_since": ("Client since", "建立关系日"),
    "incorporated": ("Incorporated", "成立日期"),
    "national_id": ("Register number", "登记号码"),
    "lei": ("LEI", "LEI"),
    "source": ("Source", "来源"),
    "focus": ("Show neighbours", "查看关联方"),
    "leave_focus": ("Back to the picture", "返回全图"),
    "open_group": ("Open group", "展开群组"),
    "close_group": ("Close group", "收起群组"),
    "double_click_opens": ("double click to open", "双击展开"),
    "not_in_page": ("Its members are not in this page.", "本页未包含其成员。"),
    "members": ("Members", "成员"),
    "party": ("Party", "主体"),
    "other_party": ("Other party", "对方"),
    "from_party": ("From", "主体"),
    "to_party": ("To", "对方"),
    "nodes": ("Nodes", "节点数"),
    "nodes_count": ("{count} nodes", "{count} 个节点"),
    "amount": ("Amount", "金额"),
    "share": ("Share", "比例"),
    "what": ("What", "说明"),
    "contract": ("Contract", "合同"),
    "contracts": ("Contracts", "合同数"),
    "facility": ("Facility", "授信"),
    "facilities": ("Facilities", "授信"),
    "rank": ("Rank", "顺位"),
    "ratio": ("Ratio", "倍数"),
    "from": ("From", "起始日"),
    "until": ("Until", "到期日"),
    "limit": ("Limit", "额度"),
    "outstanding": ("Outstanding", "余额"),
    "maturity": ("Maturity", "到期"),
    "days_past_due": ("Days late", "逾期天数"),
    "other_lender": ("other lender", "他行"),
    "payments": ("{count} payments", "{count} 笔付款"),
    "payments_word": ("Payments", "付款笔数"),
    "drawn_only": ("drawn only", "仅所绘内容"),
    "first_rows": (
        "The first {shown} of {total} rows; CSV holds them all.",
        "共 {total} 行，显示前 {shown} 行；CSV 含全部。",
    ),
    "sum_of": ("sum of {count}", "{count} 项合计"),
    "scores": ("Scores", "评分"),
    "measure": ("Measure", "指标"),
    "place_in_book": ("Place in the book", "全行分位"),
    "network_position": ("Place in the network", "网络位置"),
    "strongest": ("only the {limit} strongest between groups", "群组间仅绘最强的 {limit} 条"),
    "between_bundles": (
        "{count} lines between bundles not drawn: open one to see its own",
        "{count} 条折叠组之间的连线未绘：展开即见",
    ),
    "size_of_node": ("Size of a node: what it owes us.", "节点大小：欠本行的金额。"),
    "size_of_group": ("Size of a group: how many nodes it holds.", "群组大小：所含节点数。"),
    "percentage_points": ("pp", "个百分点"),
    "lines_close": ("{count} lines pass close to a node that they do not end at", "{count} 条连线从非端点节点近旁经过"),
    "percentile_title": (
        "{share} % of the {known} parties with this measure have less",
        "在有该指标的 {known} 个主体中，{share} % 低于此值",
    ),
    "no_relations": ("No relation in this page.", "本页中没有关系。"),
    "show_all": ("Show all {count}", "显示全部 {count} 项"),
    "first_of": ("The first {shown} of {total}.", "共 {total} 项，显示前 {shown} 项。"),
    "steps_to_default": ("{steps} step(s) to the nearest party in default:", "距最近的违约主体 {steps} 步："),
    "none": ("None.", "无。"),
    "more_hits": ("{count} more", "另有 {count} 项"),
    "first_of_all": ("What to know first", "首先须知"),
    "no_hits": (
        "Not in this page: names, ids and register numbers were searched, one slip forgiven",
        "本页中没有：已搜索名称、编号与登记号码（容许一字之差）",
    ),
    "no_hits_typed": ("and how Chinese names are typed (pinyin)", "以及拼音"),
    "no_hits_untyped": (
        "not how Chinese names are typed: the page was made with a mask, or without graphrisk[zh]",
        "未搜索拼音：页面生成时使用了掩码，或未安装 graphrisk[zh]",
    ),
    "close": ("Close", "关闭"),
    "how_made": ("How this page was made", "页面来源"),
    "left_out": ("Left out", "未包含的内容"),
    "data_notes": ("Notes on the data", "数据说明"),
    "analyses": ("Analyses", "分析"),
    "version_number": ("version {version}", "版本 {version}"),
    "certificate": ("Certificate", "计算证明"),
    "parameters": ("Parameters", "参数"),
    "other_data": ("computed on other data than this page shows", "计算所用数据与本页不同"),
    "as_of": ("As of", "数据日期"),
    "as_of_line": ("As of {day}", "数据日期 {day}"),
    "amounts_in": ("amounts in {currency}", "金额单位 {currency}"),
    "fingerprint": ("Fingerprint", "数据指纹"),
    "fingerprint_line": ("fingerprint {print}", "数据指纹 {print}"),
    "snapshot": ("Snapshot", "快照"),
    "base_currency": ("Base currency", "本位币"),
    "rows": ("Rows", "行数"),
    "masked": ("Names", "名称"),
    "masked_yes": ("replaced by keyed pseudonyms", "已用带密钥的假名替换"),
    "masked_banner": (
        "Names and ids are pseudonyms; free text that could hold a name is left out.",
        "名称与编号均为假名，可能含有名称的文字已隐去。",
    ),
    "made_with": ("Made with", "生成工具"),
    "tab.risks": ("Risks", "风险"),
    "tab.chosen": ("Selected", "所选"),
    "tab.about": ("About", "来源"),
    "twin.parties": ("Parties", "主体"),
    "twin.groups": ("Groups", "群组"),
    "twin.relations": ("Relations", "关系"),
    "key.search": ("search", "搜索"),
    "key.home": ("whole picture", "全图"),
    "key.undo": ("undo", "撤销"),
    "key.fit": ("fit the picture into the window", "适应窗口"),
    "key.focus": ("chosen party with its neighbours", "查看所选主体的关联方"),
    "key.table": ("table", "表格"),
    "key.dark": ("light or dark", "浅色或深色"),
    "key.zoom": ("zoom", "缩放"),
    "key.move": ("move, when the picture has the focus", "移动画面（焦点在图中时）"),
    "key.enter": ("open the chosen group; n and p: next, previous", "展开所选群组；n、p 选择下一个、上一个"),
    "key.escape": ("leave", "退出"),
    "key.help": ("this list", "显示本列表"),
}

WORDS: dict[str, tuple[str, str]] = {
    **_PAGE,
    **RISK_WORDS,
    **CASCADE_WORDS,
    **STRESS_WORDS,
    **NETWORK_WORDS,
    **GROUP_WORDS,
    **OWNERSHIP_WORDS,
    **CIRCLE_WORDS,
    **CARD_WORDS,
}
"""Key: English, Chinese. `{name}` is filled in."""


def say(lang: str, key: str, **fill: object) -> str:
    """Return the words of `key` in a language, filled in. Raises KeyError where there is none."""
    text = WORDS[key][1 if lang == "zh" else 0]
    for name, value in fill.items():
        text = text.replace("{" + name + "}", str(value))
    return text


@cache
def words_of(lang: str) -> dict[str, str]:
    """Return all words in one language, for the page."""
    at = 1 if lang == "zh" else 0
    return {key: both[at] for key, both in WORDS.items()}
