"""The planted stories and their answers, by hand arithmetic (rule threshold, recovery 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from graphrisk.demo.cast import START, Cast, M, complete
from graphrisk.demo.hidden_link import hidden_link
from graphrisk.demo.institutions import Rows
from graphrisk.demo.sectors import OWN_MARKET
from graphrisk.demo.story import Plot


def plant() -> tuple[Rows, tuple[Plot, ...]]:
    """Return the rows of all stories and the plots."""
    stories: Iterable[Callable[[Cast], Plot]] = (_circle, _hub, _pyramid, _pledge, _supplier, _round_trip, hidden_link)
    cast = Cast()
    plots = tuple(story(cast) for story in stories)
    complete(cast.rows)
    return cast.rows, plots


def _circle(cast: Cast) -> Plot:
    ids = tuple(f"ST-CIRCLE-{k}" for k in range(1, 5))
    for k, (party, name) in enumerate(zip(ids, ("恒溪", "盛浦", "鼎川", "瑞陵"), strict=True)):
        cast.firm(party, f"云浦{name}五金有限公司", equity=3 * M)
        cast.loan(f"ST-CIRCLE-F{k + 1}", party, 5 * M)
        cast.guarantee(f"ST-CIRCLE-G{k + 1}", ids[k - 1], party, f"ST-CIRCLE-F{k + 1}", 5 * M)
    return Plot(
        name="circle",
        title="A joint-guarantee circle falls",
        title_zh="联保担保圈",
        told="Four small firms stand behind one another's loans in a ring: each guarantees the next one's 5 "
        "million with 3 million of net assets. On paper 20 million of loans carry 20 million of guarantees. "
        "If the first defaults, its guarantor is called for 5 million, pays its 3 million, cannot meet the "
        "rest and fails; then its own guarantor is called, until all four are down. The guarantees paid 9 "
        "of 20 million.",
        parties=ids,
        shock=(ids[0],),
        expected={
            "circle": list(ids),
            "circle_length": 4,
            "bottleneck_amount": 5 * M,
            "total_amount": 20 * M,
            "over_guarantee_ratio": 5 / 3,
            "default_round": {ids[0]: 0, ids[3]: 1, ids[2]: 2, ids[1]: 3},
            "shortfall": 20 * M,
            "guarantor_paid": 9 * M,
            "bank_loss": 11 * M,
        },
        try_it=("graphrisk view circle ST-CIRCLE-1 -o circle.html", "graphrisk analyze contagion --shock ST-CIRCLE-1"),
    )


def _hub(cast: Cast) -> Plot:
    debtors = tuple(f"ST-HUB-{k:02d}" for k in range(1, 11))
    cast.firm(
        "ST-HUB",
        "云泽永安融资担保有限公司",
        equity=20 * M,
        industry="J66",
        size="medium",
        kind="guarantee_company",
    )
    for k, (party, word) in enumerate(zip(debtors, "程禾璟晟岳霖钧熠珩曜", strict=True)):
        cast.firm(party, f"泽川泰{word}制衣有限公司", equity=2 * M, industry="C18", size="micro")
        cast.loan(f"{party}-F", party, 4 * M)
        cast.guarantee(f"ST-HUB-G{k + 1:02d}", "ST-HUB", party, f"{party}-F", 4 * M)
    return Plot(
        name="hub",
        title="A guarantor beyond its net assets",
        title_zh="超额担保",
        told="A guarantee company with 20 million of net assets has given ten guarantees of 4 million: twice "
        "what it has. Four defaults it survives, the fifth takes all it has, and of the sixth on the bank "
        "bears the loss.",
        parties=("ST-HUB", *debtors),
        shock=debtors[:6],
        expected={
            "guaranteed_out": 40 * M,
            "net_assets": 20 * M,
            "over_guarantee_ratio": 2.0,
            "six_defaults": {"shortfall": 24 * M, "guarantor_paid": 20 * M, "unmet": 4 * M, "bank_loss": 4 * M},
            "fails": "ST-HUB",
        },
        try_it=(
            "graphrisk chains ST-HUB",
            "graphrisk analyze contagion " + " ".join(f"--shock {party}" for party in debtors[:6]),
        ),
    )


def _pyramid(cast: Cast) -> Plot:
    cast.person("ST-PYRAMID-OWNER", "沈清石")
    cast.person("ST-PYRAMID-NOMINEE", "陶子禾", kind="nominee")
    for party, name, client in (
        ("ST-PYRAMID-HOLD", "浔陵嘉霖投资控股有限公司", False),
        ("ST-PYRAMID-MID", "浔陵嘉程商务服务有限公司", False),
        ("ST-PYRAMID-OP1", "浔陵嘉禾化工有限公司", True),
        ("ST-PYRAMID-OP2", "浔陵嘉钧塑料有限公司", True),
        ("ST-PYRAMID-SHELL", "澜溪嘉岳贸易有限公司", False),
    ):
        cast.firm(party, name, equity=10 * M if client else None, client=client, industry="C26")
    cast.owns("ST-PYRAMID-OWNER", "ST-PYRAMID-HOLD", 0.60)
    cast.owns("ST-PYRAMID-HOLD", "ST-PYRAMID-MID", 0.55)
    cast.owns("ST-PYRAMID-MID", "ST-PYRAMID-OP1", 0.51)
    cast.owns("ST-PYRAMID-OWNER", "ST-PYRAMID-OP1", 0.25, via="ST-PYRAMID-NOMINEE")
    cast.owns("ST-PYRAMID-HOLD", "ST-PYRAMID-OP2", 0.30)
    cast.owns("ST-PYRAMID-MID", "ST-PYRAMID-OP2", 0.30)
    cast.owns("ST-PYRAMID-NOMINEE", "ST-PYRAMID-SHELL", 1.0)
    cast.add(
        "control",
        controller_id="ST-PYRAMID-OWNER",
        controlled_id="ST-PYRAMID-SHELL",
        basis="agreement",
        level="direct",
        from_on=date(2020, 1, 1),
        source="demo",
    )
    cast.add("ties", a_id="ST-PYRAMID-OWNER", b_id="ST-PYRAMID-NOMINEE", kind="family", source="demo")
    cast.loan("ST-PYRAMID-F1", "ST-PYRAMID-OP1", 6 * M, renewed_on=START, renewal_basis="展期")
    cast.loan("ST-PYRAMID-F2", "ST-PYRAMID-OP2", 4 * M, restructured_on=date(2026, 3, 2))
    for party, to_on in (("ST-PYRAMID-OP1", None), ("ST-PYRAMID-SHELL", date(2030, 1, 1))):
        cast.add(
            "declared_groups",
            group_id="ST-DECLARED",
            party_id=party,
            group_name="浔陵嘉霖集团",
            from_on=date(2020, 1, 1),
            to_on=to_on,
            source="demo",
        )
    cast.add(
        "rebuttals",
        a_id="ST-PYRAMID-HOLD",
        b_id="ST-PYRAMID-OP2",
        kind="control",
        reason="其余股东合计持股过半",
        author="demo",
        decided_on=date(2024, 6, 3),
        expires_on=date(2025, 6, 3),
        source="demo",
    )
    return Plot(
        name="pyramid",
        title="A pyramid with a hidden controller",
        title_zh="金字塔持股与隐名控制人",
        told="Two clients look unrelated: neither lists a person with a majority. One man owns 60 % of a "
        "holding, which owns 55 % of a middle firm, which owns 51 % of the first client; a nominee holds "
        "another 25 % of it for him. Of the second client holding and middle firm own 30 % each. His stake "
        "in the first is 0.6 x 0.55 x 0.51 + 0.25 = 41.83 %, in the second 0.6 x 0.3 + 0.6 x 0.55 x 0.3 = "
        "27.9 %, yet he commands the majority of the votes in both, and by agreement a trading firm that "
        "his nominee owns. So the two are one group of connected clients: with a Tier 1 capital of 36 million their 10 "
        "million break the limit of 25 %, which neither breaks alone.",
        parties=(
            "ST-PYRAMID-OWNER",
            "ST-PYRAMID-NOMINEE",
            "ST-PYRAMID-HOLD",
            "ST-PYRAMID-MID",
            "ST-PYRAMID-OP1",
            "ST-PYRAMID-OP2",
            "ST-PYRAMID-SHELL",
        ),
        expected={
            "controller": "ST-PYRAMID-OWNER",
            "integrated_share": {
                "ST-PYRAMID-HOLD": 0.6,
                "ST-PYRAMID-MID": 0.33,
                "ST-PYRAMID-OP1": 0.4183,
                "ST-PYRAMID-OP2": 0.279,
            },
            "controls": ["ST-PYRAMID-HOLD", "ST-PYRAMID-MID", "ST-PYRAMID-OP1", "ST-PYRAMID-OP2", "ST-PYRAMID-SHELL"],
            "outstanding_of_the_group": 10 * M,
            "group": ["ST-PYRAMID-OP1", "ST-PYRAMID-OP2"],
            "tier1": 36 * M,
            "use": 10 / 36,
        },
        try_it=(
            "graphrisk view ego ST-PYRAMID-OP1 -o pyramid.html",
            "graphrisk groups ST-PYRAMID-OP1",
            "graphrisk view group ST-PYRAMID-OP1 --set tier1=36e6 -o group.html",
        ),
    )


def _pledge(cast: Cast) -> Plot:
    cast.firm("ST-PLEDGE-1", "汀洲锦晟纺织有限公司", equity=9 * M, industry="C17")
    cast.firm("ST-PLEDGE-2", "汀洲锦峻印染有限公司", equity=5 * M, industry="C17")
    cast.loan("ST-PLEDGE-F1", "ST-PLEDGE-1", 6 * M)
    cast.loan("ST-PLEDGE-F2", "ST-PLEDGE-2", 8 * M)
    cast.add(
        "collateral",
        collateral_id="ST-PLEDGE-ASSET",
        name="汀洲工业园厂房",
        kind="real_estate",
        owner_id="ST-PLEDGE-1",
        value=10 * M,
        currency="CNY",
        valued_on=date(2025, 11, 20),
        haircut=0.3,
        asset_class="工业厂房",
        region="浙江",
        source="demo",
    )
    for facility, amount in (("ST-PLEDGE-F1", 6 * M), ("ST-PLEDGE-F2", 8 * M)):
        cast.add(
            "pledges",
            facility_id=facility,
            collateral_id="ST-PLEDGE-ASSET",
            rank=1,
            allocated_amount=amount,
            currency="CNY",
            from_on=START,
            source="demo",
        )
    return Plot(
        name="pledge",
        title="One building pledged twice",
        title_zh="一物二押",
        told="A factory worth 10 million secures a loan of 6 million of its owner and, in the same rank, one of "
        "8 million of a sister firm: 14 million on 10. After the haircut of 30 % it brings 7 million, "
        "shared 3 to 4, so each loan that looks covered leaves half of itself open: 3 and 4 million.",
        parties=("ST-PLEDGE-1", "ST-PLEDGE-2"),
        shock=("ST-PLEDGE-1", "ST-PLEDGE-2"),
        expected={
            "asset": "ST-PLEDGE-ASSET",
            "value": 10 * M,
            "pledged": 14 * M,
            "beyond_value": 4 * M,
            "collateral_recovery": {"ST-PLEDGE-F1": 3 * M, "ST-PLEDGE-F2": 4 * M},
            "shortfall": {"ST-PLEDGE-F1": 3 * M, "ST-PLEDGE-F2": 4 * M},
            "bank_loss": 7 * M,
        },
        try_it=("graphrisk check", "graphrisk analyze contagion --shock ST-PLEDGE-1 --shock ST-PLEDGE-2"),
    )


def _supplier(cast: Cast) -> Plot:
    buyers = tuple(f"ST-SUPPLIER-B{k}" for k in (1, 2, 3))
    cast.firm(
        "ST-SUPPLIER",
        "沐岭源驰专用设备有限公司",
        equity=12 * M,
        industry=OWN_MARKET,
        sales=60 * M,
        material_cost=36 * M,
        size="medium",
    )
    cast.loan("ST-SUPPLIER-F", "ST-SUPPLIER", 6 * M)
    for k, (party, word) in enumerate(zip(buyers, ("航", "烨", "铭"), strict=True)):
        cast.firm(
            party,
            f"沐岭凯{word}汽车部件有限公司",
            equity=15 * M,
            industry="C36",
            sales=50 * M,
            material_cost=30 * M,
            size="medium",
        )
        cast.loan(f"ST-SUPPLIER-F{k + 1}", party, 8 * M)
        cast.add(
            "supplies",
            supplier_id="ST-SUPPLIER",
            buyer_id=party,
            amount=20 * M,
            currency="CNY",
            product="专用模具",
            essential=True,
            source="demo",
        )
        cast.add(
            "dependencies",
            dependent_id=party,
            on_id="ST-SUPPLIER",
            criterion="expenditure",
            ratio=0.6667,
            replaceable=False,
            source="demo",
        )
    return Plot(
        name="supplier",
        title="A supplier whose failure brings three clients down",
        title_zh="关键供应商",
        told="Three makers of car parts buy their moulds from one firm, and nobody else in the book makes them. "
        "Each has 15 million of net assets and earns 20 million a year over its materials. If the supplier "
        "fails they cannot produce, lose those 20 million, and fail in turn: the bank that lent the "
        "supplier 6 million loses 30.",
        parties=("ST-SUPPLIER", *buyers),
        shock=("ST-SUPPLIER",),
        expected={
            "default_round": {"ST-SUPPLIER": 0, **dict.fromkeys(buyers, 1)},
            "loss_supplies_each": 20 * M,
            "bank_loss": 30 * M,
        },
        try_it=("graphrisk analyze contagion --shock ST-SUPPLIER",),
    )


def _round_trip(cast: Cast) -> Plot:
    ids = ("ST-TRIP-1", "ST-TRIP-2", "ST-TRIP-3")
    for party, name, client in zip(ids, ("博程", "远珩", "裕烨"), (True, False, False), strict=True):
        cast.firm(party, f"淇川{name}贸易有限公司", equity=8 * M if client else None, client=client, industry="F51")
    cast.loan("ST-TRIP-F", ids[0], 10 * M, start_on=date(2026, 3, 2))
    amounts = (9.8 * M, 9.6 * M, 9.5 * M)
    days = (date(2026, 3, 4), date(2026, 3, 6), date(2026, 3, 9))
    for k, (amount, paid_on) in enumerate(zip(amounts, days, strict=True)):
        cast.add(
            "fund_flows",
            payer_id=ids[k],
            payee_id=ids[(k + 1) % 3],
            amount=amount,
            currency="CNY",
            paid_on=paid_on,
            facility_id="ST-TRIP-F" if k == 0 else None,
            source="demo",
        )
    return Plot(
        name="round_trip",
        title="Loan money that comes back",
        title_zh="贷款资金回流",
        told="A trader draws 10 million on 2 March, pays 9.8 million to a partner, which pays 9.6 to another, "
        "which pays 9.5 million back to the trader on 9 March: 95 % of the loan is back with the borrower "
        "after seven days.",
        parties=ids,
        expected={
            "facility": "ST-TRIP-F",
            "path": [*ids, ids[0]],
            "returned": 9.5 * M,
            "returned_share": 0.95,
            "days": 7,
        },
    )
