from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.scenario import PartyShock, PriceShock, parse_scenario, read_scenario

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


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such scenario file"):
        read_scenario(tmp_path / "none.toml")
