"""One workbook with the table of guarantee circles as China's supervisors draw it, for the whole book.

Sheets: the book in one line a measure, the circles with the columns of the supervisors' own tool, how many circles
stand in each band of size, their members, and the findings of the rule pack `cn`. Headings follow the language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from graphrisk.answers.reader import Reader
from graphrisk.answers.workbook import Heading, Workbook, width_of, writing
from graphrisk.export.cells import single_file
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pyarrow as pa

    from graphrisk.standing.guarantee_layer import GuaranteeLayer
    from graphrisk.standing.guarantee_parts import Parts

FOR_PEOPLE = True
NEEDS: tuple[str, ...] = ()
"""Reads the book itself, no answers of analyzers, and takes no tables."""

BANDS: dict[str, tuple[float, ...]] = {
    "loans": (1e8, 1e9, 3e9, 1e10),
    "parties": (10, 20, 50, 100),
    "contracts": (20, 50, 100, 200),
}
"""Lines between the bands of size, the lower bound left out, the upper one in; loans in units of the base currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Circles:
    """The parts of the guarantee layer, with what the sheets read of each party."""

    graph: RiskGraph
    layer: GuaranteeLayer
    parts: Parts
    loans: Floats  # (parties,)
    bad: Floats  # (parties,) non-performing

    def of(self, name: str) -> npt.NDArray[Any]:
        return np.asarray(self.parts.columns[name])


def write(
    tables: Mapping[str, pa.Table],  # noqa: ARG001 - the book itself is read
    graph: RiskGraph,
    path: Path,
    *,
    reader: Reader | None = None,
    results: Sequence[Result] = (),  # noqa: ARG001
) -> list[Path]:
    """Write one workbook; return it."""
    reader = reader or Reader(graph=graph)
    found = _read(graph)
    with writing(single_file(path), graph.as_of) as book:
        _summary(book, found, reader)
        _circles(book, found, reader)
        _bands(book, found, reader)
        _members(book, found, reader)
        _findings(book, found, reader)
    return [path]


def _read(graph: RiskGraph) -> _Circles:
    from graphrisk.credit.loan_class import loan_quality
    from graphrisk.kernels.arrays.sums import sum_by
    from graphrisk.standing.guarantee_layer import guarantee_layer
    from graphrisk.standing.guarantee_parts import parts_of

    layer = guarantee_layer(graph)
    quality, borrower = loan_quality(graph), graph.positions("facilities", "borrower_id")
    bad = np.where(quality.non_performing, quality.outstanding, 0.0)
    return _Circles(
        graph=graph,
        layer=layer,
        parts=parts_of(graph, layer),
        loans=sum_by(borrower, quality.outstanding, graph.size),
        bad=sum_by(borrower, bad, graph.size),
    )


def _money(reader: Reader, text: str) -> str:
    return f"{text} ({reader.currency})" if reader.currency else text


def _summary(book: Workbook, found: _Circles, reader: Reader) -> None:
    loans, bad = found.of("loans").astype(float), found.of("non_performing").astype(float)
    inside = found.parts.number >= 0
    lines = [
        ("circles", "担保圈数", len(loans)),
        ("firms in circles", "圈内企业数", int(inside.sum())),
        (_money(reader, "loans"), _money(reader, "贷款余额"), float(loans.sum())),
        ("circles with NPL", "含不良的担保圈数", int((bad > 0).sum())),
        ("firms with NPL", "不良企业数", int((found.bad[inside] > 0).sum())),
        (
            _money(reader, "loans of circles with NPL"),
            _money(reader, "含不良担保圈的贷款余额"),
            float(loans[bad > 0].sum()),
        ),
        (_money(reader, "NPL in circles"), _money(reader, "圈内不良贷款"), float(bad.sum())),
    ]
    headings = [
        Heading(text=reader.pick("measure", "指标"), width=36),
        Heading(text=reader.pick(f"as of {found.graph.as_of}", f"{found.graph.as_of}"), kind="money"),
    ]
    rows = [[reader.pick(english, chinese), value] for english, chinese, value in lines]
    book.sheet(reader.pick("Summary", "汇总"), headings, rows, count=len(rows))


_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("region", "地区", "main_region", "text"),
    ("type", "类型", "type", "text"),
    ("firms", "企业户数", "parties", "integer"),
    ("lending banks", "贷款银行数", "lending_banks", "integer"),
    ("guarantee relations", "担保关系数", "contracts", "integer"),
    ("loans", "贷款余额", "loans", "money"),
    ("guaranteed loans", "担保贷款余额", "guaranteed_loans", "money"),
    ("total assets", "资产总额", "total_assets", "money"),
    ("total liabilities", "负债总额", "total_liabilities", "money"),
    ("guaranteed loans / (assets - liabilities)", "担保贷款/净资产", "guaranteed_to_net", "percent"),
    ("mutually guaranteed loans", "互保贷款余额", "mutual_loans", "money"),
    ("mutual / loans", "互保贷款占比", "mutual_to_loans", "percent"),
    ("core client", "核心企业", "core_name", "text"),
    ("loans of core client", "核心企业贷款余额", "core_loans", "money"),
    ("share of core client", "核心企业贷款占比", "core_share", "percent"),
    ("loans of the three largest", "前三大户贷款余额", "top3_loans", "money"),
    ("share of the three largest", "前三大户贷款占比", "top3_share", "percent"),
    ("NPL", "不良贷款余额", "non_performing", "money"),
    ("NPL ratio", "不良率", "npl_ratio", "percent"),
    ("special mention loans", "关注类贷款余额", "special_mention", "money"),
    ("overdue up to 90 days", "逾期90天以内贷款余额", "overdue_90", "money"),
    ("off-balance", "表外授信余额", "off_balance", "money"),
    ("firms beyond their net assets", "担保额超净资产户数", "beyond_net_assets", "integer"),
    ("firms of unknown net assets", "净资产不详户数", "unknown_net_assets", "integer"),
    ("circle id", "担保圈编号", "part_id", "text"),
)
"""English, Chinese, measure, kind of cell: after the name, the columns of the supervisors' table in their order."""


def _circles(book: Workbook, found: _Circles, reader: Reader) -> None:
    from graphrisk.answers.column_words import value_word
    from graphrisk.standing.guarantee_parts import over

    graph, columns = found.graph, dict(found.parts.columns)
    loans = found.of("loans").astype(float)
    net = found.of("total_assets").astype(float) - found.of("total_liabilities").astype(float)
    core = [str(name) for name in graph.texts("parties", "name")[found.of("core").astype(np.int64)]]
    columns |= {
        "part_id": graph.party_ids[found.parts.first],
        "core_name": np.array(core, dtype=object),
        "guaranteed_to_net": over(found.of("guaranteed_loans").astype(float), np.where(net > 0, net, 0.0)),
        "mutual_to_loans": over(found.of("mutual_loans").astype(float), loans),
        "core_share": over(found.of("core_loans").astype(float), loans),
        "npl_ratio": over(found.of("non_performing").astype(float), loans),
        "type": np.array([value_word(str(kind), reader.lang) for kind in columns["type"]], dtype=object),
    }
    headings = [Heading(text=reader.pick("name", "担保圈名称"), width=34)]
    for english, chinese, _, kind in _COLUMNS:
        text = reader.pick(english, chinese)
        headings.append(Heading(text=_money(reader, text) if kind == "money" else text, kind=kind))
    ordered = [columns[name].tolist() for _, _, name, _ in _COLUMNS]
    names = [reader.pick(f"{name} circle", f"{name}担保圈") for name in core]
    book.sheet(
        reader.pick("Circles", "担保圈"), headings, (list(row) for row in zip(names, *ordered, strict=True)),
        count=len(names),
    )  # fmt: skip


def _bands(book: Workbook, found: _Circles, reader: Reader) -> None:
    """Count the circles in each band of size, the largest band first."""
    words = {"loans": ("loans", "贷款余额"), "parties": ("firms", "企业户数"), "contracts": ("relations", "担保关系数")}
    headings = [Heading(text=reader.pick("size by", "规模口径"), width=14)]
    headings += [Heading(text=reader.pick("above", "大于"), kind="money")]
    headings += [Heading(text=reader.pick("up to", "不超过"), kind="money")]
    headings += [Heading(text=reader.pick("circles", "担保圈数"), kind="integer")]
    headings += [Heading(text=reader.pick("loans", "贷款余额"), kind="money")]
    headings += [Heading(text="NPL" if not reader.zh else "不良贷款余额", kind="money")]
    rows: list[list[Any]] = []
    for name, lines in BANDS.items():
        band = np.searchsorted(np.array(lines), found.of(name).astype(float), side="left")
        for at in range(len(lines), -1, -1):
            here = band == at
            low, high = (lines[at - 1] if at else None), (lines[at] if at < len(lines) else None)
            sums = [float(found.of(one).astype(float)[here].sum()) for one in ("loans", "non_performing")]
            rows.append([reader.pick(*words[name]), low, high, int(here.sum()), *sums])
    book.sheet(reader.pick("By size", "规模分布"), headings, rows, count=len(rows))


def _members(book: Workbook, found: _Circles, reader: Reader) -> None:
    graph, layer = found.graph, found.layer
    members = layer.parties
    members = members[np.lexsort((members, -found.loans[members], found.parts.number[members]))]
    names, ids = graph.texts("parties", "name"), graph.party_ids
    headings = [
        Heading(text=reader.pick("circle id", "担保圈编号"), width=18),
        Heading(text=reader.pick("party", "主体编号"), width=18),
        Heading(text=reader.pick("name", "名称"), width=width_of([str(name) for name in names[members[:200]]])),
        Heading(text=reader.pick("region", "地区")),
        Heading(text=reader.pick("industry", "行业")),
        *(
            Heading(text=_money(reader, reader.pick(english, chinese)), kind="money")
            for english, chinese in (
                ("loans", "贷款余额"), ("NPL", "不良贷款余额"), ("guarantees given", "对外担保"),
                ("guarantees received", "获得担保"), ("net assets", "净资产"),
            )
        ),
        Heading(text=reader.pick("debtors", "被担保户数"), kind="integer"),
        Heading(text=reader.pick("guarantors", "担保人数"), kind="integer"),
    ]  # fmt: skip
    regions, industries, equity = graph.texts("parties", "region"), graph.texts("parties", "industry"), graph.equity

    def rows() -> Iterator[list[Any]]:
        for at in members.tolist():
            yield [
                ids[found.parts.first[found.parts.number[at]]], ids[at], names[at], regions[at], industries[at],
                float(found.loans[at]), float(found.bad[at]), float(layer.given[at]), float(layer.received[at]),
                float(equity[at]), int(layer.debtors[at]), int(layer.guarantors[at]),
            ]  # fmt: skip

    book.sheet(reader.pick("Members", "圈内企业"), headings, rows(), count=len(members))


def _findings(book: Workbook, found: _Circles, reader: Reader) -> None:
    from graphrisk.answers.column_words import value_word
    from graphrisk.regimes.guarantee_rules import find_pack
    from graphrisk.standing.guarantee_findings import findings_of

    pack = find_pack("cn")
    columns, _ = findings_of(found.graph, found.layer, pack)
    legal = {rule.rule: reader.pick(rule.legal_en or rule.legal, rule.legal) for rule in pack.rules}
    names = reader.names([str(one) for one in columns["party_id"]])
    headings = [
        Heading(text=reader.pick("party", "主体编号"), width=18),
        Heading(text=reader.pick("name", "名称"), width=width_of([one or "" for one in names[:200]])),
        Heading(text=reader.pick("rule", "规则"), width=26),
        Heading(text=reader.pick("level", "级别")),
        Heading(text=reader.pick("value", "值"), kind="number"),
        Heading(text=reader.pick("line", "上限"), kind="number"),
        Heading(text=reader.pick("legal basis", "依据"), width=60),
    ]
    rows = [
        [
            party,
            name,
            value_word(str(rule), reader.lang),
            value_word(str(level), reader.lang),
            value,
            line,
            legal[str(rule)],
        ]
        for party, name, rule, level, value, line in zip(
            columns["party_id"],
            names,
            columns["rule"],
            columns["level"],
            columns["value"],
            columns["line"],
            strict=True,
        )
    ]
    book.sheet(reader.pick("Findings", "规则检查"), headings, rows, count=len(rows))
