from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.errors import UsageError
from graphrisk.scenario import (
    _SHOCK,
    _TOP,
    LIMITED,
    MEASURES,
    FactorShock,
    PartyShock,
    PdShock,
    PriceShock,
    parse_scenario,
    read_scenario,
)

WHOLE = """
name = "real estate falls"
[contagion]
rule = "debtrank"
layers = ["exposures", "guarantees"]
[[shock]]
parties = ["P1", "P2"]
loss = 0.5
[[shock]]
where = {industry = "K70", region = ["浙江", "江苏"], is_client = true}
loss_amount = 1e6
[[shock]]
collateral = {kind = "real_estate", region = "浙江"}
price = -0.3
"""


def test_a_whole_scenario_is_read() -> None:
    scenario = parse_scenario(WHOLE)
    assert scenario.name == "real estate falls"
    assert scenario.params == {"rule": "debtrank", "layers": ("exposures", "guarantees")}
    assert scenario.party_shocks == (
        PartyShock(parties=("P1", "P2"), loss=0.5, key="shock[0]"),
        PartyShock(
            where={"industry": ("K70",), "region": ("浙江", "江苏"), "is_client": ("true",)},
            loss_amount=1e6,
            key="shock[1]",
        ),
    )
    assert scenario.price_shocks == (
        PriceShock(where={"kind": ("real_estate",), "region": ("浙江",)}, price=-0.3, key="shock[2]"),
    )


STRESS = """
default_above = 0.2
[portfolio]
factors = "sector_region"
rho = 0.2
levels = [0.99, 0.999]
[limits]
bank_loss = 1e9
defaults = 10
[[shock]]
pd_multiplier = 2
[[shock]]
where = {rating = ["BB", "B"], industry = "C*"}
rating_model = "internal"
pd_multiplier = 3.0
[[shock]]
where = {rating = "CCC"}
loss = 0.5
[[shock]]
factor = "market"
move = -2
[[shock]]
factor = {sector = ["C", "K"], region = "浙江"}
move = -1.5
"""


def test_pds_factors_limits_and_how_factors_load_are_read() -> None:
    scenario = parse_scenario(STRESS)
    assert 0.2 == scenario.default_above
    assert {"factors": "sector_region", "rho": 0.2, "levels": (0.99, 0.999)} == scenario.portfolio
    assert {"bank_loss": 1e9, "defaults": 10.0} == scenario.limits
    assert scenario.pd_shocks == (
        PdShock(multiplier=2.0, key="shock[0]"),
        PdShock(
            where={"rating": ("BB", "B"), "industry": ("C*",)}, rating_model="internal", multiplier=3.0, key="shock[1]"
        ),
    )
    assert scenario.party_shocks == (PartyShock(where={"rating": ("CCC",)}, loss=0.5, key="shock[2]"),)
    assert scenario.factor_shocks == (
        FactorShock(factors=(("market", ""),), move=-2.0, key="shock[3]"),
        FactorShock(factors=(("sector", "C"), ("sector", "K"), ("region", "浙江")), move=-1.5, key="shock[4]"),
    )
    assert scenario.moves_pds
    assert 5 == scenario.shocks
    assert not parse_scenario(WHOLE).moves_pds


def test_a_limit_can_be_set_on_every_measure_that_grows_with_harm() -> None:
    assert {"collateral_value", "collateral_cover"} == set(MEASURES) - set(LIMITED)
    text = "[limits]\n" + "\n".join(f"{name} = 1" for name in LIMITED)
    assert dict.fromkeys(LIMITED, 1.0) == parse_scenario(text).limits


def test_a_scenario_without_a_name_is_called_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "flood.toml"
    path.write_bytes(b'\xef\xbb\xbf[[shock]]\nparties = "P1"\nloss = 1\n')
    scenario = read_scenario(path)
    assert scenario.name == "flood"
    assert scenario.party_shocks == (PartyShock(parties=("P1",), loss=1.0, key="shock[0]"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[shok]]\nloss = 1", "unknown key 'shok'"),
        ('[[shock]]\npartys = ["P1"]\nloss = 1', r"unknown key shock\[0\].partys"),
        ('[[shock]]\nparties = ["P1"]\nloss = 1.5', r"shock\[0\].loss is in \[0, 1\], not 1.5"),
        ('[[shock]]\nparties = ["P1"]\nloss = -0.1', r"shock\[0\].loss is in \[0, 1\]"),
        ('[[shock]]\nparties = ["P1"]\nloss = nan', r"shock\[0\].loss is in \[0, 1\]"),
        ('[[shock]]\nparties = ["P1"]\nloss = "half"', r"shock\[0\].loss is a number"),
        ('[[shock]]\nparties = ["P1"]\nloss = true', r"shock\[0\].loss is a number"),
        ('[[shock]]\nparties = ["P1"]\nloss_amount = -1', r"shock\[0\].loss_amount is at least 0"),
        ('[[shock]]\nparties = ["P1"]', r"either loss or loss_amount"),
        ('[[shock]]\nparties = ["P1"]\nloss = 1\nloss_amount = 2', r"either loss or loss_amount"),
        ("[[shock]]\nloss = 1", r"either parties or where"),
        ('[[shock]]\nparties = ["P1"]\nwhere = {size = "small"}\nloss = 1', r"either parties or where"),
        ("[[shock]]\nwhere = {}\nloss = 1", r"shock\[0\].where names columns"),
        ("[[shock]]\nparties = []\nloss = 1", r"shock\[0\].parties is a text or a list"),
        ('[[shock]]\nparties = ["P1"]\nloss = 1\n[[shock]]\ncollateral = {kind = "cash"}\nprice = -1.5',
         r"shock\[1\].price is in \[-1, 0\]"),
        ('[[shock]]\ncollateral = {kind = "cash"}\nprice = 0.5', r"shock\[0\].price is in \[-1, 0\]"),
        ('[[shock]]\ncollateral = {kind = "cash"}', r"shock\[0\] needs collateral and price"),
        ('[[shock]]\ncollateral = {kind = "cash"}\nprice = -0.1\nloss = 1', r"takes nothing else \(loss\)"),
        ('[shock]\nparties = ["P1"]\nloss = 1', "shock is a list of tables"),
        ("contagion = 3", "contagion is a table"),
        ("name = 3", "name is a text"),
        ("[[shock]\n", "this is not TOML"),
        ("x = " + "9" * 5000, "this is not TOML"),
        ("x = " + "[" * 5000, "this is not TOML"),
        ('[[shock]]\nparties = ["P1"]\nloss_amount = 0x' + "f" * 400, r"loss_amount is at least 0, not 4\d+\.\.\."),
        ('[[shock]]\nparties = ["P1"]\nloss_amount = 0x' + "f" * 5000, "not a number too large"),
        ("[[shock]]\nparties = [0x" + "f" * 5000 + "]\nloss = 1", r"shock\[0\].parties is a text or a list"),
        ("[[shock]]\npd_multiplier = -1", r"shock\[0\].pd_multiplier is at least 0, not -1"),
        ("[[shock]]\npd_multiplier = nan", r"shock\[0\].pd_multiplier is at least 0"),
        ("[[shock]]\npd_multiplier = inf", r"shock\[0\].pd_multiplier is at least 0"),
        ("[[shock]]\npd_multiplier = true", r"shock\[0\].pd_multiplier is a number"),
        ("[[shock]]\npd_multiplier = [2]", r"shock\[0\].pd_multiplier is a number"),
        ("[[shock]]\npd_multiplier = 2\nloss = 0.5", r"either pd_multiplier or loss"),
        ('[[shock]]\nparties = ["P1"]\nwhere = {size = "small"}\npd_multiplier = 2', r"either parties or where"),
        ("[[shock]]\npd_multiplier = 2\nparties = []", r"shock\[0\].parties is a text or a list"),
        ('[[shock]]\npd_multiplier = 2\nprice = -0.1', r"takes nothing else \(pd_multiplier\)"),
        ('[[shock]]\npd_multiplier = 2\nmove = -1', r"needs factor and move, and takes nothing else \(pd_multiplier\)"),
        ('[[shock]]\nrating_model = "m"\npd_multiplier = 2', r"shock\[0\].where asks for none"),
        ('[[shock]]\nwhere = {rating = "B"}\nrating_model = 3\npd_multiplier = 2', r"rating_model is a text"),
        ('[[shock]]\nwhere = {rating = 1.5}\npd_multiplier = 2', r"shock\[0\].where.rating is a text"),
        ('[[shock]]\nfactor = "market"', r"needs factor and move"),
        ("[[shock]]\nmove = -2", r"needs factor and move"),
        ('[[shock]]\nfactor = "market"\nmove = -20', r"shock\[0\].move is in \[-10, 10\], not -20"),
        ('[[shock]]\nfactor = "market"\nmove = nan', r"shock\[0\].move is in \[-10, 10\]"),
        ('[[shock]]\nfactor = "market"\nmove = "-2"', r"shock\[0\].move is a number"),
        ('[[shock]]\nfactor = "sector"\nmove = -2', r"shock\[0\].factor is .market., "),
        ("[[shock]]\nfactor = {}\nmove = -2", r"shock\[0\].factor is .market., "),
        ("[[shock]]\nfactor = 1\nmove = -2", r"shock\[0\].factor is .market., "),
        ("[[shock]]\nfactor = {sector = []}\nmove = -2", r"shock\[0\].factor.sector is a text or a list"),
        ('[[shock]]\nfactor = {sectr = "C"}\nmove = -2', r"unknown key shock\[0\].factor.sectr"),
        ("default_above = 0", "default_above is above 0"),
        ("default_above = 1.5", r"default_above is in \[0, 1\]"),
        ("default_above = false", "default_above is a number"),
        ("limits = 3", "limits is a table"),
        ("[limits]\nbank_loss = -1", "limits.bank_loss is at least 0"),
        ("[limits]\nbank_loss = nan", "limits.bank_loss is at least 0"),
        ('[limits]\nbank_loss = "1e9"', "limits.bank_loss is a number"),
        ("[limits]\nbank_los = 1", "unknown key limits.bank_los"),
        ("[limits]\ncollateral_value = 1", "worse when it falls"),
        ("portfolio = [1]", "portfolio is a table"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_path(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_scenario(text, where="story.toml")
    assert caught.value.where == "story.toml"
    assert caught.value.exit_code == 2


def test_the_nearest_right_key_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        parse_scenario('[[shock]]\nparties = ["P1"]\nloss_amout = 1')
    assert "loss_amount" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("[[shock]]\npd_multiplyer = 2", "pd_multiplier"),
        ("[limits]\nbank_los = 1", "bank_loss"),
        ('[[shock]]\nfactor = {sectr = "C"}\nmove = -2', "sector"),
        ("[portfolo]\nrho = 0.1", "portfolio"),
        ("default_abov = 0.1", "default_above"),
        ('[[shock]]\nfactor = "sector"\nmove = -2', 'factor = {sector = "C"}'),
    ],
)
def test_every_slip_has_a_hint(text: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_scenario(text)
    assert near in caught.value.hint


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such scenario file"):
        read_scenario(tmp_path / "none.toml")


def _toml(value: object) -> str:
    """Return a value as TOML writes it in a line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.sampled_from(["market", "P1", "", "C*", "BB"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sector", "region", "rating", "kind", "industry", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    top=st.dictionaries(st.sampled_from([*_TOP, "x"]), _VALUES, max_size=3),
    shocks=st.lists(st.dictionaries(st.sampled_from(_SHOCK), _VALUES, min_size=1, max_size=3), max_size=2),
)
def test_whatever_is_written_is_read_or_refused_with_its_place(
    top: dict[str, object], shocks: list[dict[str, object]]
) -> None:
    lines = [f"{key} = {_toml(value)}" for key, value in top.items() if key != "shock" or not shocks]
    for shock in shocks:
        lines += ["[[shock]]", *(f"{key} = {_toml(value)}" for key, value in shock.items())]
    scenario, refused = None, None
    try:
        scenario = parse_scenario("\n".join(lines), where="story.toml")
    except UsageError as error:
        refused = error
    if refused is not None:
        assert "story.toml" == refused.where
        assert "not TOML" not in refused.message
    if scenario is not None:
        assert len(shocks) == scenario.shocks
        assert all(math.isfinite(limit) for limit in scenario.limits.values())
