"""Who stands behind the clients of a district: persons, holdings, ownership, control and personal ties."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphrisk.demo.dice import Dice, Flags, Ints, fraction
from graphrisk.demo.filling import TODAY, fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.names import credit_codes, holding_names, numbered, person_names
from graphrisk.demo.sectors import PROVINCES

_CONTROL_SHARES = np.array([0.51, 0.55, 0.6, 0.67, 0.7, 0.8, 0.9, 1.0, 0.35, 0.3])
_BASES = ("agreement", "accounts", "board", "votes")


def owned(block: Block) -> dict[str, pa.Table]:
    """Return owners as `parties` (persons, holdings), and the rows of `ownership`, `control` and `ties`."""
    dice = block.dice("owners")
    firms = np.flatnonzero(~block.person)
    second = dice.flags(len(firms), 0.6)
    form = dice.pick(len(firms), (0.65, 0.25, 0.10))  # persons only, a client as parent, a holding of one's own
    capable = np.flatnonzero((block.size >= 2) & ~block.person)
    before = np.searchsorted(capable, firms)  # parents come earlier in the book, so ownership has no circles
    form[(before == 0) & (form == 1)] = 0
    parent = (
        capable[np.minimum(dice.whole(len(firms), np.maximum(before, 1)), len(capable) - 1)] if len(capable) else firms
    )
    form[(form == 1) & ~_bearable(block, parent, firms)] = 0
    holding = np.flatnonzero(form == 2)
    return {
        "parties": pa.concat_tables([_persons(block, dice, firms, second), _holdings(block, dice, firms[holding])]),
        "ownership": _ownership(block, dice, firms, second, form, parent),
        "control": _control(block, dice, firms),
        "ties": _ties(block, dice, firms, second),
    }


def _bearable(block: Block, parent: Ints, firms: Ints) -> Flags:
    """Return where a client may be the parent: a firm not in default, worth at most half of what the parent has.

    Who owned a firm in default has written it off; where accounts are unknown, sizes decide.
    """
    own, held = block.equity[parent], block.equity[firms]
    unknown = np.isnan(own) | np.isnan(held)
    fits = np.where(unknown, block.size[parent] > block.size[firms], 2.0 * held <= own)
    fitting: Flags = fits.astype(np.bool_) & (block.status[firms] != 2)
    return fitting


def _first(block: Block, firms: Ints) -> pa.Array:
    """Return the id of each firm's principal person."""
    return numbered("P", 2 * block.number[firms], 8)


def _second(block: Block, firms: Ints) -> pa.Array:
    return numbered("P", 2 * block.number[firms] + 1, 8)


def _persons(block: Block, dice: Dice, firms: Ints, second: Flags) -> pa.Table:
    n, family = len(firms), dice.whole(len(firms), 1000)
    other = np.where(dice.flags(n, 0.5), family, dice.whole(n, 1000))[second]
    ids = pa.concat_arrays([_first(block, firms), _second(block, firms[second])])
    return fill(
        "parties",
        len(ids),
        party_id=ids,
        name=person_names(dice, np.concatenate([family, other])),
        kind="person",
        is_client=False,
        country="CN",
        region=words(list(PROVINCES), block.province[np.concatenate([firms, firms[second]])]),
        incorporated_on=-1,
        source="demo",
    )


def _holdings(block: Block, dice: Dice, firms: Ints) -> pa.Table:
    return fill(
        "parties",
        len(firms),
        party_id=numbered("H", block.number[firms]),
        name=holding_names(dice, len(firms)),
        kind="company",
        is_client=False,
        country="CN",
        region=words(list(PROVINCES), block.province[firms]),
        industry="L72",
        national_id=credit_codes(block.number[firms] + 500_000_000),
        incorporated_on=TODAY - 800 - dice.whole(len(firms), 6000),
        source="demo",
    )


def _ownership(block: Block, dice: Dice, firms: Ints, second: Flags, form: Ints, parent: Ints) -> pa.Table:
    """Each firm: the first owner's share by form, the rest to the persons; some shares are bands, some unknown."""
    n = len(firms)
    main = np.where(
        form == 0,
        np.where(second, fraction(dice.uniform(n, 0.5, 0.95), 2), 1.0),
        _CONTROL_SHARES[dice.whole(n, len(_CONTROL_SHARES))],
    )
    rest = fraction(1.0 - main, 2)
    split = np.where(second & (form > 0), fraction(rest * 0.4, 2), 0.0)
    firm_ids = block.ids.take(pa.array(firms))
    principal, other = _first(block, firms), _second(block, firms)
    holding = numbered("H", block.number[firms])
    top = where(form == 1, block.ids.take(pa.array(parent)), where(form == 2, holding, principal))
    beside = where((form == 0) & second, other, principal)
    rows = [
        (top, firm_ids, main, np.ones(n, dtype=bool)),
        (beside, firm_ids, fraction(rest - split, 2), rest - split > 0),
        (other, firm_ids, split, split > 0),
        (principal, holding, np.where(second, 0.7, 1.0), form == 2),
        (other, holding, np.full(n, 0.3), (form == 2) & second),
    ]
    tables = []
    for owner, held, share, there in rows:
        at = np.flatnonzero(there)
        kind = dice.pick(len(at), (0.95, 0.03, 0.02))  # exact, a band up to the share, unknown
        low = np.where(kind == 0, share[at], np.where(kind == 1, fraction(share[at] * 0.6, 2), np.nan))
        high = np.where(kind == 2, np.nan, share[at])
        tables.append(
            fill(
                "ownership",
                len(at),
                owner_id=owner.take(pa.array(at)),
                owned_id=held.take(pa.array(at)),
                share_min=low,
                share_max=high,
                votes_min=low,
                votes_max=high,
                from_on=TODAY - 60 - dice.whole(len(at), 3000),
                source="demo",
            )
        )
    return pa.concat_tables([*tables, _former(block, dice, firms)])


def _former(block: Block, dice: Dice, firms: Ints) -> pa.Table:
    """Shareholdings that ended: kept in the data, left out of the graph of the day."""
    sold = firms[dice.flags(len(firms), 0.02)]
    holder = firms[dice.whole(len(sold), len(firms))]
    sold, holder = sold[sold != holder], holder[sold != holder]
    share = fraction(dice.uniform(len(sold), 0.05, 0.4), 2)
    until = TODAY - dice.whole(len(sold), 700)
    return fill(
        "ownership",
        len(sold),
        owner_id=block.ids.take(pa.array(holder)),
        owned_id=block.ids.take(pa.array(sold)),
        share_min=share,
        share_max=share,
        votes_min=share,
        votes_max=share,
        from_on=until - 400 - dice.whole(len(sold), 2000),
        to_on=until,
        source="demo",
    )


def _control(block: Block, dice: Dice, firms: Ints) -> pa.Table:
    chosen = firms[dice.flags(len(firms), 0.015)]
    leader = firms[dice.whole(len(chosen), len(firms))]
    keep = leader != chosen
    chosen, leader = chosen[keep], leader[keep]
    return fill(
        "control",
        len(chosen),
        controller_id=_first(block, leader),
        controlled_id=block.ids.take(pa.array(chosen)),
        basis=words(_BASES, dice.whole(len(chosen), len(_BASES))),
        from_on=TODAY - 30 - dice.whole(len(chosen), 1500),
        to_on=np.where(dice.flags(len(chosen), 0.3), TODAY + 1 + dice.whole(len(chosen), 1000), -1),
        source="demo",
    )


def _ties(block: Block, dice: Dice, firms: Ints, second: Flags) -> pa.Table:
    """Family between the two persons of a firm, directors and officers, firms at one address or telephone."""
    firm_ids = block.ids.take(pa.array(firms))
    principal, other = _first(block, firms), _second(block, firms)
    neighbour = firm_ids.take(pa.array((np.arange(len(firms)) + 1) % max(len(firms), 1)))
    n = len(firms)
    rows = [
        ("family", principal, other, second & dice.flags(n, 0.5)),
        ("director", principal, firm_ids, dice.flags(n, 0.35)),
        ("officer", other, firm_ids, second & dice.flags(n, 0.3)),
        ("address", firm_ids, neighbour, dice.flags(n, 0.02) & (n > 1)),
        ("phone", firm_ids, neighbour, dice.flags(n, 0.01) & (n > 1)),
    ]
    tables = []
    for kind, one, two, there in rows:
        at = pa.array(np.flatnonzero(there))
        tables.append(
            fill(
                "ties",
                len(at),
                a_id=one.take(at),
                b_id=two.take(at),
                kind=kind,
                from_on=TODAY - 730 - dice.whole(len(at), 3000),
                to_on=np.where(dice.flags(len(at), 0.04), TODAY - dice.whole(len(at), 600), -1),
                source="demo",
            )
        )
    return pa.concat_tables(tables)
