"""A planted link that no contract shows: two borrowers with one phone, and the loan of one in the other's hands."""

from __future__ import annotations

from datetime import date

from graphrisk.demo.cast import Cast, M
from graphrisk.demo.story import Plot

PHONE = "0099-20268807"
"""Of an area (0099) that does not exist."""


def hidden_link(cast: Cast) -> Plot:
    """Add the two firms, and return the story."""
    one, other = "ST-LINK-1", "ST-LINK-2"
    cast.firm(one, "瑞浦恒晖贸易有限公司", equity=9 * M, industry="F51", phone=PHONE)
    cast.firm(other, "沅川嘉屿物资有限公司", equity=7 * M, industry="F51", phone=f"+86 {PHONE[1:]}")
    cast.loan("ST-LINK-F1", one, 12 * M, start_on=date(2026, 4, 1))
    cast.loan("ST-LINK-F2", other, 10 * M, start_on=date(2026, 4, 8))
    cast.add(
        "fund_flows",
        payer_id=one,
        payee_id=other,
        amount=9 * M,
        currency="CNY",
        paid_on=date(2026, 4, 3),
        facility_id="ST-LINK-F1",
        source="demo",
    )
    for loan, owner, owes in (
        ("ST-LINK-F1", f"{one}-O", {"mode": "joint_several"}),
        ("ST-LINK-F2", f"{other}-O", {"mode": "several", "share": 0.5, "to_on": date(2028, 4, 8)}),
    ):
        cast.add("co_borrowers", facility_id=loan, party_id=owner, from_on=date(2026, 4, 8), source="demo", **owes)
    return Plot(
        name="hidden_link",
        title="Two borrowers that are nearer than they say",
        title_zh="隐性关联客户",
        told="Two traders borrow 12 and 10 million. They have other owners, and neither guarantees, owns or "
        "supplies the other. They gave the same phone number, written in two ways, and 9 of the first one's 12 "
        "million were with the second two days after the loan. A hint for a question, not a proof: it puts "
        "nobody into a group.",
        parties=(one, other),
        expected={"kind": "phone", "hidden": True, "outstanding": 22 * M, "share_of_loan": 0.75},
        try_it=(
            "graphrisk analyze relations",
            "graphrisk query loan_use_by_payee --param facility_id=ST-LINK-F1",
        ),
    )
