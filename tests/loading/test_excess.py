"""When a load is refused because too much of a table is rejected, and what is told of rejected rows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.loading.run import load_files
from tests.loading.loads import EXPOSURES, OWN, PARTIES, load, own_loader, refused, rejects, write
from tests.worlds.build import AS_OF


def book(*, parties: int, bad_parties: int = 0, loans: int = 0, bad_loans: int = 0) -> dict[str, str]:
    """Return `parties` firms, of which the last `bad_parties` have an unknown kind, and loans to the first ones."""
    kinds = ["company"] * (parties - bad_parties) + ["firma"] * bad_parties
    firms = [f"P{i},name {i},{kind}" for i, kind in enumerate(kinds)]
    amounts = ["10"] * (loans - bad_loans) + ["ten"] * bad_loans
    rows = [f"F{i},P{i},{amount},CNY" for i, amount in enumerate(amounts)]
    return {
        "parties.csv": "\n".join(["party_id,name,kind", *firms, ""]),
        "facilities.csv": "\n".join(["facility_id,borrower_id,outstanding,currency", *rows, ""]),
    }


@pytest.mark.parametrize(
    ("files", "most"),
    [
        (book(parties=300, bad_parties=20), None),
        (book(parties=100, bad_parties=20), None),  # a fifth, and not more than 20 rows
        (book(parties=210, bad_parties=21), None),  # a tenth is not more than a tenth
        (book(parties=100, bad_parties=29), 0.29),  # 0.29 x 100 is less than 29 in floating point
        (book(parties=9), None),  # a header alone had no rows to lose
        (book(parties=9, loans=9, bad_loans=8), None),
        (book(parties=9, loans=1, bad_loans=1), 1.0),
        (book(parties=99, bad_parties=98, loans=99), 1.0),
    ],
)
def test_a_load_that_keeps_most_of_each_table_is_taken(
    tmp_path: Path, files: dict[str, str], most: float | None
) -> None:
    assert load(tmp_path, files, max_rejects=most).tables["parties"].num_rows


@pytest.mark.parametrize(
    ("files", "most", "said"),
    [
        (
            book(parties=100, bad_parties=21),
            None,
            "21 of 100 rows of parties were rejected, more than max_rejects = 0.1",
        ),
        (book(parties=209, bad_parties=21), None, "21 of 209 rows of parties"),
        (book(parties=300, bad_parties=21), 0.0, "max_rejects = 0 allows"),
        (book(parties=9, loans=1, bad_loans=1), None, "every row of facilities (1) was rejected"),
        (book(parties=9, loans=1, bad_loans=1), 0.99, "every row of facilities (1) was rejected"),
        (book(parties=60, bad_parties=30, loans=60), None, "30 of 60 rows of parties and 30 of 60 rows of facilities"),
        (book(parties=9, bad_parties=9), 1.0, "no row could be loaded"),
        (
            {"parties.csv": PARTIES, "exposures.csv": EXPOSURES.replace("B,A", "X,Y")},
            None,
            "every row of exposures (1)",
        ),
        ({"parties.csv": PARTIES, "exposures.csv": EXPOSURES.replace("CNY", "CNY,,")}, None, "every row of exposures"),
    ],
)
def test_a_load_that_loses_a_table_or_too_much_of_it_is_refused(
    tmp_path: Path, files: dict[str, str], most: float | None, said: str
) -> None:
    error = refused(tmp_path, files, max_rejects=most)
    assert said in error.message
    assert error.exit_code == 3
    assert error.report.tables


def test_only_the_rows_of_this_load_count(tmp_path: Path) -> None:
    """What another loader brought does not save a table of which this load keeps nothing."""
    bank = load(tmp_path / "1", {"parties.csv": PARTIES, "exposures.csv": EXPOSURES}).tables
    own_loader(tmp_path / "loaders", "other", OWN)
    files = {"parties.csv": PARTIES.replace("A,", "C,"), "exposures.csv": EXPOSURES.replace("B,A", "B,Z")}
    options = {"loader": "other", "own_loaders": tmp_path / "loaders", "existing": bank, "max_rejects": None}
    assert "every row of exposures (1)" in refused(tmp_path / "2", files, **options).message


def test_the_loader_says_how_much_and_the_option_is_stronger(tmp_path: Path) -> None:
    toml = 'max_rejects = {}\n[inputs.parties]\nglob = "parties.csv"\n'
    options = {"loader": "own", "own_loaders": tmp_path / "loaders"}
    files = {"parties.csv": book(parties=100, bad_parties=40)["parties.csv"]}
    own_loader(tmp_path / "loaders", "own", toml.format(0.5))
    assert 60 == load(tmp_path / "in", files, max_rejects=None, **options).tables["parties"].num_rows
    assert "more than max_rejects = 0.3" in refused(tmp_path / "in", files, max_rejects=0.3, **options).message
    own_loader(tmp_path / "loaders", "own", toml.format(1))
    assert 60 == load(tmp_path / "in", files, max_rejects=None, **options).tables["parties"].num_rows
    for wrong in ("1.5", "-0.1", "true", '"all"', "nan"):
        own_loader(tmp_path / "loaders", "own", toml.format(wrong))
        assert "max_rejects is a" in refused(tmp_path / "in", files, max_rejects=None, **options).message
    for part in (1.5, -0.1, float("nan")):
        with pytest.raises(UsageError, match="between 0 and 1"):
            load_files("own", [tmp_path / "in"], as_of=AS_OF, existing={}, max_rejects=part)


def test_records_set_aside_are_no_rejects_and_lines_that_sql_never_saw_are(tmp_path: Path) -> None:
    toml = '[inputs.raw]\nglob = "raw.csv"\n'
    parties = "SELECT _record, id AS party_id, id AS name, 'company' AS kind FROM raw WHERE keep = 'yes'"
    aside = "SELECT _record, 'not wanted' AS reason FROM raw WHERE keep <> 'yes'"
    own_loader(tmp_path / "loaders", "own", toml, parties=parties, set_aside=aside)
    options = {"loader": "own", "own_loaders": tmp_path / "loaders", "max_rejects": None}
    rows = ["id,keep", "A,yes", *(f"B{i},no" for i in range(50))]
    report = load(tmp_path / "in", {"raw.csv": "\n".join(rows)}, **options).report
    assert (51, 1, 0) == (report.read, report.used, report.past().rejected)
    error = refused(tmp_path / "in", {"raw.csv": "\n".join([*rows, *(f"C{i},yes,1" for i in range(30))])}, **options)
    assert "30 of 81 rows of raw.csv were rejected" in error.message
    assert ("records", 30) == (error.report.past().tables[-1].table, error.report.past().tables[-1].rejected)


FACILITIES = "facility_id,borrower_id,outstanding,currency,lgd,start_on,maturity_on\n"


def test_every_fault_of_a_row_is_told_and_the_row_counts_once(tmp_path: Path) -> None:
    bad = "F2,Z,ten,RMB,1.2,2025-13-01,2026-09-30\n"
    files = {"parties.csv": PARTIES, "facilities.csv": f"{FACILITIES}F1,A,1,CNY,,,\n{bad}F3,A,2,CNY,,,\n"}
    report = load(tmp_path / "in", files, rejects_dir=tmp_path / "out").report
    ((reason, count, (example,)),) = rejects(report, "facilities")
    said = [
        "borrower_id names no party",
        "currency 'RMB'",
        "outstanding is not a number",
        "lgd is above 1",
        "start_on is",
    ]
    assert sorted(reason.index(text) for text in said) == [reason.index(text) for text in said]
    assert 1 == count
    assert "is empty" not in reason
    for value in ("borrower_id 'Z'", "outstanding 'ten'", "currency 'RMB'", "lgd '1.2'", "start_on '2025-13-01'"):
        assert value in example
    (table,) = [one for one in report.tables if one.table == "facilities"]
    assert [1] * 5 == [fault.count for fault in table.faults]
    with (tmp_path / "out" / f"bank_csv_{AS_OF}" / "facilities.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [reason] == [row["reason"] for row in csv.DictReader(stream)]


def test_rows_alike_in_their_faults_are_one_group_and_each_fault_counts_its_rows(tmp_path: Path) -> None:
    bad = "".join(f"F{i},{'Z' if i % 2 else 'A'},{'ten' if i % 3 else 1},CNY,,,\n" for i in range(12))
    report = load(tmp_path, {"parties.csv": PARTIES, "facilities.csv": FACILITIES + bad}).report
    (table,) = [one for one in report.tables if one.table == "facilities"]
    assert (12, 2, 10) == (table.rows_read, table.rows_loaded, table.rows_rejected)
    assert [4, 4, 2] == [reject.count for reject in table.rejects]  # ten; both; Z
    faults = {fault.reason.partition(" ")[0]: fault.count for fault in table.faults}
    assert {"borrower_id": 6, "outstanding": 8} == faults


def test_a_row_that_repeats_one_that_stands_says_so_beside_its_other_faults(tmp_path: Path) -> None:
    report = load(tmp_path, {"parties.csv": PARTIES + "A,x,firma\nC,y,firma\nC,z,company\n"}).report
    reasons = [reason for reason, _, _ in rejects(report, "parties")]
    assert 1 == len(reasons), "A of the second row, and C that only a later row gives rightly, are alike"
    assert reasons[0].startswith("party_id is that of another row, which was kept")
    assert "kind is none of" in reasons[0]


def test_a_guarantee_of_another_debtor_is_told_beside_an_unreadable_amount(tmp_path: Path) -> None:
    files = {
        "parties.csv": PARTIES,
        "facilities.csv": FACILITIES + "F1,A,1,CNY,,,\n",
        "guarantees.csv": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
        "G,A,B,F1,十万,CNY,连带\n",
    }
    ((reason, _, _),) = rejects(load(tmp_path, files).report, "guarantees")
    assert "debtor_id is not the borrower of the facility" in reason
    assert "amount is not a number" in reason
    assert "'连带' means joint_several" in reason


@pytest.mark.parametrize(
    ("table", "column", "word", "value"),
    [
        ("parties", "kind", "Company", "company"),
        ("parties", "kind", "ＣＯＭＰＡＮＹ", "company"),
        ("parties", "kind", "Guarantee Company", "guarantee_company"),
        ("parties", "kind", "public-body", "public_body"),
        ("parties", "kind", "自然人", "person"),
        ("parties", "is_client", "是", "true"),
        ("parties", "listed", "未上市", "false"),
        ("parties", "size", "小型", "small"),
        ("parties", "status", "正常", "active"),
        ("parties", "status", "不良", "defaulted"),
    ],
)
def test_a_word_of_the_source_is_told_with_what_it_means_and_then_read(
    tmp_path: Path, table: str, column: str, word: str, value: str
) -> None:
    header = {"party_id": "C", "name": "c", "kind": "company", column: word}
    files = {"parties.csv": f"{','.join(header)}\n{','.join(header.values())}\nD,d,company{',' * (len(header) - 3)}\n"}
    report = load(tmp_path / "1", files).report
    ((reason, _, _),) = rejects(report, table)
    quoted = value if value in ("true", "false") else f'"{value}"'
    mapping = f'values.{column} = {{ "{word}" = {quoted} }}'
    assert f"{word!r} means {value}: write that, or map it with {mapping}" in reason
    (note,) = [note for note in report.notes if note.startswith("words of parties")]
    assert mapping in note
    own_loader(tmp_path / "loaders", "own", f'[inputs.parties]\nglob = "*.csv"\n{mapping}\n')
    read = load(tmp_path / "2", files, loader="own", own_loaders=tmp_path / "loaders").tables["parties"]
    assert {"true": True, "false": False}.get(value, value) == read[column].to_pylist()[0]


def test_a_word_of_which_nothing_is_known_is_told_without_a_guess(tmp_path: Path) -> None:
    report = load(tmp_path, {"parties.csv": PARTIES + "C,c,zaibatsu\n"}).report
    ((reason, _, _),) = rejects(report, "parties")
    assert reason.endswith("nominee, unknown")
    assert [] == list(report.notes)


def test_a_load_refused_while_files_are_read_lists_no_table(tmp_path: Path) -> None:
    files = {"parties.csv": PARTIES, "facilities.csv": "facility,outstanding\nF,1\n", "exposures.csv": EXPOSURES}
    report = refused(tmp_path, files).report
    assert () == report.tables
    assert "facilities.csv: has no column facility_id" in report.past().refused


def test_white_space_is_cut_and_told_in_parquet_as_in_csv(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = write(tmp_path, {"exposures.csv": "creditor_id,debtor_id,amount,currency\nB , A,1,CNY\u3000\n"})
    names = ["甲\u3000", " 乙", "丙"]
    parties = pa.table({"party_id": ["A", "B ", "C"], "name": names, "kind": ["company", "bank", "bank"]})
    pq.write_table(parties.append_column("region", pa.array(["  ", None, "浙江"])), folder / "parties.parquet")
    loaded = load(folder)
    assert ["甲", "乙", "丙"] == loaded.tables["parties"]["name"].to_pylist()
    assert [None, None, "浙江"] == loaded.tables["parties"]["region"].to_pylist()
    told = [note.partition("white space around ")[2] for note in loaded.report.notes if "white space" in note]
    expected = ["1 values of column 'party_id'", "2 values of column 'name'", "1 values of column 'region'"]
    expected += [f"1 values of column '{name}'" for name in ("creditor_id", "debtor_id", "currency")]
    assert [f"{text} was cut" for text in expected] == told


def test_a_currency_is_no_fault_where_no_amount_that_stands_decides_the_base(tmp_path: Path) -> None:
    files = {"parties.csv": PARTIES, "facilities.csv": FACILITIES + "F1,A,ten,CNY,,,\n"}
    ((reason, _, _),) = rejects(load(tmp_path, files).report, "facilities")
    assert reason == "outstanding is not a number"
    fx = {"fx.csv": "currency,as_of_on,rate\nCNY,2020-01-01,1\n"}
    files = {**files, **fx, "facilities.csv": FACILITIES + "F1,A,ten,USD,,,\n"}
    ((reason, _, _),) = rejects(load(tmp_path, files).report, "facilities")
    assert reason.startswith("currency has no rate on or before")
    assert reason.endswith(" | outstanding is not a number")
