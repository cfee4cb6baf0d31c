"""Shared collateral: what is promised more than once, what hangs on one asset, whom only an asset connects."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return the assets promised more than once, the worst falls of prices, and the borrowers that only assets join."""
    assets, links = result.assets, result.links
    if assets.empty:
        return Answer(sentences=(reader.pick("No asset is pledged.", "没有任何押品。"),))
    shared, over = assets[assets["facilities"] > 1], assets[assets["over_pledge_ratio"] > 1.0]
    top = assets.iloc[0]
    sentences = [
        reader.pick(
            f"{len(assets):,} assets worth {reader.money(assets['value'].sum())} are pledged; "
            f"{reader.count(len(shared), 'secures', 'secure')} more than one facility, and {len(over):,} "
            f"{'is' if len(over) == 1 else 'are'} promised for more than {'it is' if len(over) == 1 else 'they are'} worth.",
            f"押品 {len(assets):,} 项，评估值合计 {reader.money(assets['value'].sum())}；其中 {len(shared):,} 项担保多笔融资，"
            f"{len(over):,} 项的分配金额超过其价值。",
        )
    ]
    if len(over):
        sentences.append(
            reader.pick(
                f"The furthest is {top['collateral_id']}: {reader.money(top['allocated'])} promised on a value of "
                f"{reader.money(top['value'])}, to {reader.count(int(top['facilities']), 'facility', 'facilities')} of "
                f"{reader.count(int(top['borrowers']), 'borrower')}; the ranks get {reader.money(top['taken'])}.",
                f"最突出的是 {top['collateral_id']}：价值 {reader.money(top['value'])}，分配 {reader.money(top['allocated'])}，"
                f"涉及 {int(top['facilities']):,} 笔融资、{int(top['borrowers']):,} 户；各顺位可得 {reader.money(top['taken'])}。",
            )
        )
    only = links[links["only"].fillna(False).astype(bool)]
    if len(links):
        sentences.append(
            reader.pick(
                f"Assets connect {reader.count(len(links), 'pair')} of borrowers, {len(only):,} of which nothing else joins "
                "directly.",
                f"押品把 {len(links):,} 对借款人联系在一起，其中 {len(only):,} 对没有其他直接关系。",
            )
        )
    single = result.single
    if len(single):
        sentences.append(
            reader.pick(
                f"{reader.count(len(single), 'facility hangs', 'facilities hang')} on one asset alone, with "
                f"{reader.money(single['uncovered'].sum())} not covered by it.",
                f"{len(single):,} 笔融资只有一项押品，未覆盖 {reader.money(single['uncovered'].sum())}。",
            )
        )
    first = shared.sort_values(["over_pledge_ratio", "allocated"], ascending=False, kind="stable", na_position="first")
    tables = (
        show(
            result, reader, "collateral_assets",
            title=reader.pick("Assets that secure more than one facility", "担保多笔融资的押品") if len(first) else "",
            frame=first if len(first) else assets,
            first=("collateral_id", "value", "allocated", "over_pledge_ratio", "facilities"),
            then=("borrowers", "ltv", "ltv_fallen", "last_rank_short", "kind", "region", "owner_id"),
        ),
        show(
            result, reader, "collateral_falls",
            title=reader.pick("Falls of prices that uncover most", "价格下跌的影响（按新增敞口排序）"),
            first=("kind", "region", "fall", "loans", "uncovered_added"),
            then=("ltv", "ltv_fallen", "above_value", "facilities", "asset_class"),
        ),
        show(
            result, reader, "collateral_links",
            title=reader.pick("Borrowers that an asset connects", "由押品联系的借款人"),
            first=("a_id", "b_id", "collateral_id", "value"), then=("only", "other", "connected"),
        ),
    )  # fmt: skip
    return Answer(sentences=tuple(sentences), tables=tables)
