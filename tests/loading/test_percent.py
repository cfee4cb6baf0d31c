"""Numbers with a sign of percent, thousands, a decimal comma and a scale: every combination, and none scaled twice."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.loading.cast import cast_table
from graphrisk.loading.percent import notes_on_percent
from graphrisk.loading.spec import InputSpec
from graphrisk.model.catalog import CATALOG
from tests.loading.loads import PARTIES, load, own_loader, refused, rejects

HOLDING = CATALOG["ownership"]


def read(*texts: str | None, column: str = "share_min", table: str = "ownership", **spec: object) -> list[float | None]:
    given_ = pa.table({column: pa.array(texts, pa.string())})
    made = InputSpec(name="x", glob=(), table=table, **spec)  # type: ignore[arg-type]
    rows, sieve = cast_table(CATALOG[table], given_, made)
    refused_ = {int(row) for reject in sieve.rejects for row in reject.rows}
    found: list[float | None] = rows[column].to_pylist()
    assert all(found[row] is None for row in refused_)
    return found


SIGNS = ["%", " %", "\u00a0%", "\u202f%", "％", "\u3000％", "﹪"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("thousands", ["", ",", ".", " ", "'"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("scale", [None, 0.01, 0.0001, 1.0, 100.0])
def test_a_share_in_percent_is_the_same_in_every_notation(
    sign: str, thousands: str, decimal: str, scale: float
) -> None:
    if thousands == decimal:
        return
    spec = {"thousands": thousands, "decimal": decimal, "scale": {"share_min": scale} if scale else {}}
    texts = [number.replace(".", decimal) + sign for number in ("60.12", "45", "-5.5", "+0.5", "1e1", ".5")]
    assert [0.6012, 0.45, -0.055, 0.005, 0.1, 0.005] == read(*texts, **spec)
    if thousands:
        assert [12.345] == read(f"1{thousands}234{decimal}5{sign}", **spec)


@pytest.mark.parametrize(
    "text", ["%", " %", "abc%", "5%%", "%5", "(5%)", "（5%）", "<0.01%", "1.2.3%", "5‰", "--%", "5 5%"]
)
@pytest.mark.parametrize("spec", [{}, {"thousands": ","}, {"decimal": ","}, {"scale": {"share_min": 0.01}}])
def test_what_is_no_percentage_is_refused_and_never_null_in_silence(text: str, spec: dict[str, object]) -> None:
    given_ = pa.table({"share_min": pa.array([text], pa.string())})
    _, sieve = cast_table(HOLDING, given_, InputSpec(name="x", glob=(), table="ownership", **spec))  # type: ignore[arg-type]
    assert [[0]] == [reject.rows.tolist() for reject in sieve.rejects]


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 9), st.sampled_from([",", ".", " ", ""]), st.sampled_from(SIGNS))
def test_the_sign_moves_the_point_exactly(digits: int, places: int, thousands: str, sign: str) -> None:
    whole, _, part = f"{digits / 10**places:.{places}f}".partition(".")
    decimal = "," if thousands == "." else "."
    text = f"{int(whole):,}".replace(",", thousands) + (decimal + part if part else "") + sign
    plain = float(f"{whole}.{part or 0}e-2")
    assert [plain] == read(text, thousands=thousands, decimal=decimal)


def test_an_amount_in_percent_is_refused_and_a_rate_is_read() -> None:
    assert [None] == read("45%", column="outstanding", table="facilities")
    assert [0.0435, 0.0435] == read("4.35%", "0.0435", column="rate", table="facilities", thousands=",")
    assert [0.3] == read("30%", column="ratio", table="dependencies")


SHARES = "owner,owned,pct\nA,B,%s\n"


def shares(tmp_path: Path, text: str, toml: str) -> tuple[list[float], str]:
    head = '[inputs.parties]\n[inputs.ownership]\ndelimiter=";"\n'
    head += 'rename={owner="owner_id",owned="owned_id",pct=["share_min","share_max"]}\n'
    own = own_loader(tmp_path / "loaders", "mine", head + toml)
    rows = "owner;owned;pct\n" + "".join(f"A;B;{value}\n" for value in text.split("|"))
    loaded = load(tmp_path / "in", {"parties.csv": PARTIES, "ownership.csv": rows}, loader="mine", own_loaders=own)
    return sorted(loaded.tables["ownership"]["share_min"].to_pylist()), " ".join(loaded.report.notes)


BOTH = "scale={share_min=0.01,share_max=0.01}\n"


def test_fractions_that_are_scaled_once_more_are_told(tmp_path: Path) -> None:
    found, said = shares(tmp_path / "1", "0.35|0.6", BOTH)
    assert [0.0035, 0.006] == pytest.approx(found)
    assert "share_min is scaled by 0.01, and yet no plain value is above 1 (the largest becomes 0.006)" in said
    assert ([0.35, 0.6], "") == shares(tmp_path / "2", "35|60", BOTH)


def test_a_column_of_both_is_read_as_written_and_told(tmp_path: Path) -> None:
    found, said = shares(tmp_path / "1", "35|25%", BOTH)
    assert [0.25, 0.35] == found
    assert "1 values of share_min are written with %: they are read as such, the others are scaled by 0.01" in said


def test_what_the_loader_itself_says_is_not_scaled(tmp_path: Path) -> None:
    words = '[inputs.ownership.values]\nshare_min={"wholly"="1.0"}\nshare_max={"wholly"="1.0"}\n'
    found, _ = shares(tmp_path / "1", "35|wholly", BOTH + words)
    assert [0.35, 1.0] == found
    found, _ = shares(tmp_path / "2", "35|wholly", 'decimal=","\n' + BOTH + words)
    assert [0.35, 1.0] == found
    assert (
        notes_on_percent(HOLDING, pa.table({}), pa.table({}), InputSpec(name="x", glob=(), table="ownership"), "") == []
    )


def test_amounts_are_scaled_and_a_constant_is_as_it_stands(tmp_path: Path) -> None:
    toml = '[inputs.parties]\n[inputs.exposures]\nconstants={currency="CNY",lgd=0.4}\nscale={amount=10000,lgd=0.01}\n'
    own = own_loader(tmp_path / "loaders", "mine", toml)
    files = {"parties.csv": PARTIES, "exposures.csv": "creditor_id,debtor_id,amount\nB,A,12.5\n"}
    (row,) = load(tmp_path / "in", files, loader="mine", own_loaders=own).tables["exposures"].to_pylist()
    assert (125_000.0, 0.4) == (row["amount"], row["lgd"])


@pytest.mark.parametrize("sign", ["0", "-", "%", "x", "零"])
def test_a_thousands_sign_that_is_part_of_a_number_is_refused(tmp_path: Path, sign: str) -> None:
    own = own_loader(tmp_path / "loaders", "mine", f'[inputs.parties]\nthousands="{sign}"\n')
    error = refused(tmp_path / "in", {"parties.csv": PARTIES}, loader="mine", own_loaders=own)
    assert "cannot part digits" in error.message


def test_the_reason_names_the_value_as_the_source_writes_it(tmp_path: Path) -> None:
    toml = '[inputs.parties]\n[inputs.exposures]\nconstants={currency="CNY"}\nthousands=","\n'
    own = own_loader(tmp_path / "loaders", "mine", toml)
    files = {
        "parties.csv": PARTIES,
        "exposures.csv": 'creditor_id,debtor_id,amount,lgd\nB,A,1,"1,0%"\nB,A,5%,\nB,A,2,\n',
    }
    found = rejects(load(tmp_path / "in", files, loader="mine", own_loaders=own).report, "exposures")
    said = {reason: example for reason, _, (example,) in found}
    assert "'1,0%'" in said["lgd is not a number"]
    assert "'5%'" in said["amount is a percentage: give a plain number"]


def test_a_header_of_two_lines_is_joined_in_text_too(tmp_path: Path) -> None:
    toml = '[inputs.parties]\nheader_lines=2\nrename={"party no"="party_id","party name"="name","kind"="kind"}\n'
    own = own_loader(tmp_path / "loaders", "mine", toml)
    loaded = load(
        tmp_path / "in", {"parties.csv": "party,party,kind\nno,name,\nA,甲,bank\n"}, loader="mine", own_loaders=own
    )
    assert ["A"] == loaded.tables["parties"]["party_id"].to_pylist()
    error = refused(tmp_path / "in2", {"parties.csv": "party,party,kind\n"}, loader="mine", own_loaders=own)
    assert "has fewer than header_lines = 2 lines" in error.message
