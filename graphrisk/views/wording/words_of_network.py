"""Words of a page that draws any network: nodes and lines that are called what their maker calls them."""

from __future__ import annotations

NETWORK_WORDS = {
    "kind.node": ("Node", "节点"),
    "kind.others": ("other groups", "其他分组"),
    "relation.line": ("line", "连线"),
    "relation.others": ("other lines", "其他连线"),
    "verb.line": ("is linked to", "连接"),
    "out.line": ("line to", "连向"),
    "in.line": ("line from", "连自"),
    "label": ("Label", "标签"),
    "weight": ("Weight", "权重"),
    "least_weight": ("Smallest weight shown", "最小权重"),
    "plain.group": ("Group", "分组"),
    "plain.title": ("Note", "备注"),
    "plain.nodes_and_groups": ("Nodes", "节点"),
    "plain.choose": (
        "Click a node, a group or a line. Double click opens a group.",
        "单击节点、群组或连线查看详情，双击展开群组。",
    ),
    "plain.lines": ("Lines", "连线"),
    "plain.gathered": (
        "{nodes} nodes and {lines} lines are too many for one picture: they are gathered into {groups} groups of nodes "
        "that are linked among themselves, each named after its most connected node. A double click opens one.",
        "{nodes} 个节点、{lines} 条连线无法同时绘出：已按内部联系归并为 {groups} 个群组，"
        "各以连线最多的节点命名，双击展开。",
    ),
    "plain.left_out_nodes": (
        "{nodes} of {all} nodes are not in this page, which holds {limit}: those in the least connected groups.",
        "全部 {all} 个节点中有 {nodes} 个未包含在本页（上限 {limit} 个），为联系最少的群组。",
    ),
    "plain.left_out_lines": (
        "{lines} of {all} lines are not in this page, which holds {limit}: those of the smallest weight.",
        "全部 {all} 条连线中有 {lines} 条未包含在本页（上限 {limit} 条），为权重最小者。",
    ),
    "plain.hidden": (
        "{nodes} hidden nodes and their lines are left out.",
        "已隐藏的 {nodes} 个节点及其连线未包含在内。",
    ),
    "plain.some_placed": (
        "{given} of {all} nodes have a place of their own; the others are laid out beside them.",
        "全部 {all} 个节点中有 {given} 个自带坐标，其余排列在其旁。",
    ),
    "plain.unused": ("Not drawn, though given: {names}.", "已给出但未使用的选项：{names}。"),
    "plain.colours": ("Not a colour, so not used: {names}.", "无法识别的颜色，未采用：{names}。"),
    "plain.classes": (
        "{rest} of {all} groups share one row of the legend; the group of each node is in the table.",
        "全部 {all} 个分组中有 {rest} 个在图例中合为一行，各节点的分组见表格。",
    ),
    "plain.sizes": ("Sizes are drawn in proportion, the largest as {size}.", "节点大小按比例绘制，最大为 {size}。"),
}
"""Key: English, Chinese."""
