"""The book that the synthetic bank has: sizes, guarantors, deliveries and accounts as `calibration` says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graphrisk.demo.calibration import JUDGEMENT, MAGNITUDES
from tests.demo.bank_tables import frame, own_loans

SEEDS = (1, 2, 3)


def _accounts(clients: int, seed: int) -> pd.DataFrame:
    books = frame("financials", clients, seed).sort_values("period_end_on", kind="stable")
    return books.drop_duplicates("party_id", keep="last").set_index("party_id")


def _guarantees(clients: int, seed: int, letters: str) -> pd.DataFrame:
    rows = frame("guarantees", clients, seed)
    return rows[rows["guarantee_id"].str[0].isin(list(letters)) & ~rows["guarantor_id"].str.startswith("ST-")]


def _above(clients: int, seed: int, amount: float) -> float:
    owed = own_loans(clients, seed).groupby("borrower_id")["cny"].sum()
    return float(owed[owed > amount].sum() / owed.sum())


def _guaranteed(clients: int, seed: int) -> float:
    """Part of EAD behind which firms stand: of each loan, what the caps come to, at most the loan."""
    loans, contracts = own_loans(clients, seed), _guarantees(clients, seed, "GJW")
    named = contracts.dropna(subset="facility_id").groupby("facility_id")["cny"].sum()
    blanket = contracts[contracts["facility_id"].isna()].groupby("debtor_id")["cny"].sum()
    part = loans["cny"] / loans.groupby("borrower_id")["cny"].transform("sum")
    caps = loans["facility_id"].map(named).fillna(0.0) + loans["borrower_id"].map(blanket).fillna(0.0) * part
    return float(np.minimum(caps, loans["cny"]).sum() / loans["cny"].sum())


def _owners(clients: int, seed: int) -> float:
    parties = frame("parties", clients, seed).set_index("party_id")
    borrowers = parties.loc[own_loans(clients, seed)["borrower_id"].unique()]
    firms = borrowers[(borrowers["kind"] == "company") & (borrowers["size"] != "large")]
    firms = firms[~firms.index.str.startswith("ST-")]
    return float(firms.index.isin(_guarantees(clients, seed, "O")["debtor_id"]).mean())


def _company_multiples(clients: int, seed: int) -> list[float]:
    parties = frame("parties", clients, seed)
    companies = parties.loc[parties["kind"] == "guarantee_company", "party_id"]
    given = frame("guarantees", clients, seed).groupby("guarantor_id")["cny"].sum()
    ratio = given.reindex(companies) / _accounts(clients, seed)["equity"].reindex(companies)
    assert len(ratio) >= 3
    return ratio.tolist()


def _group_sizes(clients: int, seed: int) -> list[float]:
    contracts = _guarantees(clients, seed, "J")
    sizes = contracts.groupby("debtor_id").size() + 1
    return [float(size) for size in sizes if size > 2]


def _recorded(clients: int, seed: int, end: str, total: str) -> float:
    recorded = frame("supplies", clients, seed).groupby(end)["amount"].sum()
    return float((recorded / _accounts(clients, seed)[total].reindex(recorded.index)).median())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bank_keeps_to_every_magnitude(seed: int) -> None:
    reached = (
        [_above(2000, seed, 100e6)],
        [_guaranteed(2000, seed)],
        [_owners(2000, seed)],
        _company_multiples(2000, seed),
        _group_sizes(2000, seed),
        [_recorded(2000, seed, "supplier_id", "sales")],
        [_recorded(2000, seed, "buyer_id", "material_cost")],
    )
    for magnitude, values in zip(MAGNITUDES, reached, strict=True):
        assert magnitude.low <= min(values) <= max(values) <= magnitude.high, (magnitude.name, min(values), max(values))


def test_every_magnitude_has_a_source_or_is_said_to_be_judgement() -> None:
    for magnitude in MAGNITUDES:
        assert magnitude.source == JUDGEMENT or any(c.isdigit() for c in magnitude.source), magnitude.name


@pytest.mark.parametrize("clients", [500, 2000, 20_000])
def test_no_obligor_is_a_large_part_of_the_book(clients: int) -> None:
    owed = own_loans(clients, 1).groupby("borrower_id")["cny"].sum()
    assert owed.max() / owed.sum() < 0.02
    assert _above(clients, 1, 100e6) < 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_loans_of_joint_groups_are_unsecured_and_wholly_guaranteed(seed: int) -> None:
    contracts, loans = _guarantees(2000, seed, "J"), own_loans(2000, seed).set_index("facility_id")
    status = frame("parties", 2000, seed).set_index("party_id")["status"]
    fine = contracts[contracts["debtor_id"].map(status) != "defaulted"]
    assert (fine["cny"] >= fine["facility_id"].map(loans["cny"]) * 0.999).all()
    assert {"joint_several"} == set(contracts["mode"])
    assert not set(contracts["facility_id"]) & set(frame("pledges", 2000, seed)["facility_id"])


def test_secured_loans_lose_less_than_unsecured_ones_and_joint_loans_most() -> None:
    loans = own_loans(2000, 1)
    joint = loans["facility_id"].isin(_guarantees(2000, 1, "J")["facility_id"])
    secured = loans["facility_id"].isin(frame("pledges", 2000, 1).query("rank == 1")["facility_id"])
    mean = [loans.loc[which, "lgd"].mean() for which in (secured, ~secured & ~joint, joint)]
    assert sorted(mean) == mean


@pytest.mark.parametrize("seed", SEEDS)
def test_guarantees_behind_loans_in_default_are_within_what_their_guarantors_have(seed: int) -> None:
    contracts = _guarantees(2000, seed, "GJWO")
    parties = frame("parties", 2000, seed).set_index("party_id")
    called = contracts[contracts["debtor_id"].map(parties["status"]) == "defaulted"]
    assert len(called) > 5
    owed = called[called["guarantor_id"].map(parties["kind"]) == "company"].groupby("guarantor_id")["cny"].sum()
    able = parties["status"].reindex(owed.index) != "defaulted"
    have = _accounts(2000, seed)["equity"].reindex(owed.index)
    assert (owed[able] <= 0.5 * have[able]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_only_who_is_in_default_has_lost_its_net_assets(seed: int) -> None:
    books, status = _accounts(2000, seed), frame("parties", 2000, seed).set_index("party_id")["status"]
    gone = books.index[books["equity"] <= 0]
    assert len(gone) >= 3
    assert {"defaulted"} == set(status.reindex(gone))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parent_among_the_clients_can_bear_the_loss_of_its_subsidiary(seed: int) -> None:
    shares, books = frame("ownership", 2000, seed), _accounts(2000, seed)["equity"]
    shares = shares[shares["to_on"].isna() & shares["owner_id"].str.startswith("C")]
    stake = shares["owned_id"].map(books) * shares["share_max"]
    known = stake.notna() & shares["owner_id"].map(books).notna()
    assert known.sum() > 50
    assert (stake[known] <= 0.5 * shares["owner_id"].map(books)[known] + 1.0).all()


def test_running_costs_leave_ebitda() -> None:
    books = _accounts(2000, 1)
    books = books[books["operating_costs"].notna()]
    left = books["sales"] - books["material_cost"] - books["operating_costs"]
    assert len(books) > 1500
    assert (books["ebitda"] == left).all()
    assert books["operating_costs"].min() >= 0
