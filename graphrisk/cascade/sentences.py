"""Lines in plain words: who lost how much to whom, by which contract."""

from __future__ import annotations

from graphrisk.cascade.attribution import Part
from graphrisk.cascade.contract_lines import (
    COLLATERAL,
    EXPOSURE,
    GUARANTEE,
    LENDING,
    ORDERS,
    OWN_STOP,
    OWNERSHIP,
    PRICES,
    SHOCK,
    SUPPLIES,
)
from graphrisk.cascade.run import Spread
from graphrisk.kernels.contagion.ledger import CONTRACT, GUARANTOR
from graphrisk.model.figures import money_zh


class Words:
    """Names and sentences of one run."""

    def __init__(self, done: Spread) -> None:
        self._done, self._graph = done, done.book.graph

    def party(self, party: int) -> str:
        """Return "name (id)" of a party, or its id where that is its name."""
        return self._named("parties", "party_id", party)

    def asset(self, asset: int) -> str:
        """Return "name (id)" of an asset, or its id."""
        return self._named("collateral", "collateral_id", asset)

    def _named(self, table: str, key: str, row: int) -> str:
        name, own = self._graph.texts(table, "name")[row], str(self._graph.texts(table, key)[row])
        return own if name is None or name == own else f"{name} ({own})"

    def money(self, amount: float) -> str:
        """Return an amount in base currency, as people write it."""
        base = self._graph.base_currency
        return f"{short(amount)} {base}" if base else short(amount)

    def money_zh(self, amount: float) -> str:
        """Return an amount in base currency, as people write it in Chinese."""
        return money_zh(amount, self._graph.base_currency)

    def ids(self, layer: int, row: int) -> tuple[str | None, str | None]:
        """Return (contract id, facility id) of a line; None where it has none."""
        graph, book = self._graph, self._done.book
        facilities = graph.texts("facilities", "facility_id")
        if layer == GUARANTEE:
            contract = int(book.ledger.line[CONTRACT, row])
            return str(graph.texts("guarantees", "guarantee_id")[contract]), str(facilities[book.line_facility[row]])
        if layer == LENDING:
            return str(facilities[row]), str(facilities[row])
        if layer in (EXPOSURE, OWNERSHIP):
            table, at = (book.claims if layer == EXPOSURE else book.stakes).origin(row)
            return str(graph.texts(table, "row_key")[at]), None
        if layer == COLLATERAL:
            assets = graph.texts("collateral", "collateral_id")
            if row < 0:
                return str(assets[-1 - row]), None
            return str(assets[book.pledges.asset[row]]), str(facilities[book.pledges.facility[row]])
        return None, None

    def by_cause(self, victim: int, into: list[tuple[Part, float]]) -> list[tuple[Part, float]]:
        """Return the lines into the failure of a party that are its cause; all of them where none is."""
        cause = self._done.causes[victim]
        kept = [(part, amount) for part, amount in into if self._name(victim, part) == cause]
        return kept or into

    def _name(self, victim: int, part: Part) -> str | None:
        """Return the name of a line into `victim`, as `contagion_parties.cause` writes it."""
        ids, number = self._graph.party_ids, part.source[1]
        if part.layer in (EXPOSURE, LENDING):
            return f"exposure:{ids[victim]}-{ids[number]}"
        if part.layer == GUARANTEE:
            return f"guarantee:{self.ids(part.layer, part.row)[0]}"
        if part.layer == COLLATERAL:
            return f"collateral:{self.ids(part.layer, part.row)[0]}"
        if part.layer == OWNERSHIP:
            return f"ownership:{ids[number]}"
        if part.layer == SUPPLIES:
            buyer = victim if part.row == victim and part.source[0] != ORDERS else number
            return f"supplies:{ids[number if buyer == victim else victim]}-{ids[buyer]}"
        return "shock" if part.layer in (-1, SHOCK) else None

    def price_class(self, number: int) -> str:
        """Return the name of a class of assets: its asset_class, else its kind."""
        graph = self._graph
        asset = int((self._done.book.pledges.classes == number).argmax())
        fine = graph.texts("collateral", "asset_class")[asset]
        return str(fine if fine is not None else graph.texts("collateral", "kind")[asset])

    def line(self, victim: int, layer: int, kind: int, source: int, row: int, amount: float, unmet: float) -> str:
        """Return the sentence of a line of `victim`."""
        who, money = self.party(victim), self.money(amount)
        contract, facility = self.ids(layer, row)
        if layer == SHOCK:
            return f"The shock takes {money} from {who} at the start."
        if layer == GUARANTEE:
            other = int(self._done.book.ledger.contract[GUARANTOR, self._done.book.ledger.line[CONTRACT, row]])
            base = self._done.base
            more = " more" if base is not None and base.balance.asked[row] > 0.0 else ""
            asked = f"{self.money(amount + unmet)}{more}"
            rest = "" if unmet <= 0.0 else f", {self.money(unmet)}{more} could not be met"
            return (
                f"Guarantee {contract} of {self.party(other)} for {self.party(source)} (facility {facility}) was "
                f"called for {asked}: {money}{more} was paid{rest}."
            )
        if layer == EXPOSURE:
            whole = self.money(float(self._done.book.claim[row]))
            owing = f"{self.party(source)}, {self._state(source, victim)}"
            return f"{who} loses {money} of its claim of {whole} (times lgd) on {owing}."
        if layer == LENDING:
            owing = f"{self.party(source)}, {self._state(source, victim)}"
            return f"{who} loses {money} on facility {facility} that it lent to {owing}."
        if layer == OWNERSHIP:
            return f"{who} loses {money} on its shares of {self.party(source)}, {self._state(source, victim)}."
        if layer == COLLATERAL and row >= 0:
            asset = self.asset(int(self._done.book.pledges.asset[row]))
            return f"Asset {asset} of {who} pays {money} for facility {facility} of {self.party(source)}."
        if layer == COLLATERAL and kind == PRICES:
            fall = f"assets of class {self.price_class(source)} are sold"
            return f"Asset {self.asset(-1 - row)} of {who} loses {money} of its value, because {fall}."
        if layer == COLLATERAL:
            return f"Asset {self.asset(-1 - row)} of {who} loses {money} of its value by the scenario."
        if layer == OWN_STOP:
            why = " after its failure" if self._done.run.failed_in[victim] >= 0 else ""
            return f"{who} loses {money} of profit, because its own production stops{why}."
        if row == victim and kind != ORDERS:
            return f"{who} loses {money} of profit, because {self.party(source)} delivers less to it."
        return f"{who} loses {money} of profit, because {self.party(source)} buys less from it."

    def step(self, victim: int, layer: int, kind: int, source: int, row: int, amount: float, unmet: float) -> str:
        """Return the sentence of a step of the main path: the line, and whether `victim` fails."""
        newly, failed_in = self._done.newly_failed[victim], int(self._done.run.failed_in[victim])
        fails = f" {self.party(victim)} fails in round {failed_in}." if newly else ""
        if layer < 0 or (layer in (OWN_STOP, SUPPLIES) and row == -1 and source != victim):
            return f"{self.party(victim)} loses production by {self.party(source)}.{fails}"
        return self.line(victim, layer, kind, source, row, amount, unmet) + fails

    def _state(self, party: int, victim: int) -> str:
        """Return how `party` stands, in a sentence on `victim`, who may have failed before it did."""
        failed, of_victim = (int(self._done.run.failed_in[who]) for who in (party, victim))
        if failed < 0:
            return "which lost part of its equity"
        when = f"in round {failed}" if failed else "at the start"
        return f"which was in distress and failed later, {when}" if 0 <= of_victim <= failed else f"which failed {when}"


def short(amount: float) -> str:
    """Return an amount with thousands, millions (m) or billions (bn) marked, to about four digits."""
    for size, unit in ((1e9, " bn"), (1e6, " m")):
        if abs(amount) >= size:
            return f"{amount / size:,.2f}{unit}"
    return f"{amount:,.2f}" if abs(amount) >= 1.0 or amount == 0.0 else f"{amount:.4g}"
