"""What is no defect of ours never ends as one: odd settings, addresses, loaders and damaged side files."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import StoreError, UsageError, without_password
from graphrisk.stores.open import open_store
from tests.cli.conftest import run_cli, write_book

SECRET = "s3cret/w@rd:x"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    ran = run_cli("load", "bank_csv", write_book(folder / "data"), "--as-of", "2026-09-30", "--project", folder)
    assert 0 == ran.code, ran.err
    return folder


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://h:70000",
        "neo4j://h:-1",
        "neo4j://h:0",
        "neo4j://h:x",
        "neo4j://",
        "neo4j://[::1",
        "bolt://:7687",
        "bolt://a..b:7687",
        f"bolt://{'a' * 70}:7687",
        "neo4j://h h:7687",
        "neo4j://h\x00:7687",
    ],
)
def test_an_address_that_cannot_be_is_a_wrong_usage(url: str) -> None:
    with pytest.raises((UsageError, StoreError)) as caught:
        open_store(url)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"neo4j://neo4j:{SECRET}@127.0.0.1:7687", "neo4j://127.0.0.1:7687"),
        (f"bolt+s://neo4j:{SECRET}@h", "bolt+s://h"),
        (f"http://u:{SECRET}@h/x?password={SECRET}", "http://h/x"),
        (f"postgres:u:{SECRET}@h", "postgres:h"),
        (f"neo4j:u:{SECRET}@h", "neo4j:h"),
        (f"neo4j://u:{SECRET} and space@h", "neo4j://h"),
        ("files:/data/a@b", "files:/data/a@b"),
        ("C:/data", "C:/data"),
        ("kept", "kept"),
    ],
)
def test_one_function_takes_user_and_password_out_of_a_url(url: str, shown: str) -> None:
    # a "/" of a password that was not encoded may leave its rest; nothing before the last @ is left
    assert shown == without_password(url)


@pytest.mark.parametrize(
    "url", [f"neo4j://neo4j:{SECRET}@127.0.0.1:1", f"http://u:{SECRET}@h", f"neo4j:u:{SECRET}@h", f"odd+x://{SECRET}@h"]
)
def test_no_command_prints_the_password_of_a_url(bank: Path, url: str) -> None:
    for command in (
        ["doctor", "--store", url],
        ["doctor", "--store", url, "--format", "json"],
        ["push", url],
        ["pull", url],
        ["analyze", "chains", "--store", url],
        ["snapshots", "--store", url],
    ):
        ran = run_cli(*command, "--project", bank)
        assert "s3cret" not in ran.out + ran.err, command
        assert 1 != ran.code


DEEP = "x = " + "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    "text",
    [DEEP, f"timeout = {'9' * 5000}", "timeout = nan", 'store = "a\\u0000b"', 'base_currency = "\\u0000"', "\xff"],
)
def test_odd_settings_are_a_wrong_usage(tmp_path: Path, text: str) -> None:
    (tmp_path / "graphrisk.toml").write_bytes(text.encode("latin-1"))
    ran = run_cli("snapshots", "--project", tmp_path)
    assert ran.code in (2, 4), ran.err
    assert "Traceback" not in ran.err
    assert "defect" not in ran.err


HEAD = '[inputs.parties]\nglob = "parties.csv"\n'


@pytest.mark.parametrize(
    ("toml", "sql"),
    [
        (DEEP, ""),
        (HEAD + "[expect.parties]\nmax_rows = inf\n", ""),
        (HEAD + "[expect.parties]\nmin_rows = -inf\n", ""),
        (HEAD + "[expect.parties.filled]\nname = nan\n", ""),
        ("max_rejects = nan\n" + HEAD, ""),
        ("max_rejects = inf\n" + HEAD, ""),
        ("max_seconds = inf\n" + HEAD, ""),
        ("max_seconds = 0\n" + HEAD, ""),
        (HEAD + "scale = {name = inf}\n", ""),
        (HEAD + "values = 1\n", ""),
        (f'views = ["{"a" * 300}"]\n' + HEAD, ""),
        (HEAD.replace("parties]", "raw]"), "SELECT \xff"),
        (HEAD.replace("parties]", "raw]"), "SELECT party_id, struct_pack(a := 1) AS name, kind FROM raw"),
    ],
)
def test_odd_loaders_are_refused_as_data(tmp_path: Path, toml: str, sql: str) -> None:
    folder = tmp_path / "loaders" / "mine"
    folder.mkdir(parents=True)
    (folder / "loader.toml").write_text(toml, "utf-8")
    if sql:
        (folder / "parties.sql").write_bytes(sql.encode("latin-1"))
    ran = run_cli("load", "mine", write_book(tmp_path / "data"), "--as-of", "2026-09-30", "--project", tmp_path)
    assert ran.code in (2, 3), ran.err
    assert "Traceback" not in ran.err


def test_an_enum_of_a_loaders_sql_is_its_text_and_sql_has_its_time(tmp_path: Path) -> None:
    folder = tmp_path / "loaders" / "mine"
    folder.mkdir(parents=True)
    (folder / "loader.toml").write_text(HEAD.replace("parties]", "raw]"), "utf-8")
    (folder / "parties.sql").write_text(
        "SELECT party_id, name, 'company'::ENUM('company', 'bank') AS kind FROM raw", "utf-8"
    )
    book = write_book(tmp_path / "data") / "parties.csv"
    ran = run_cli("load", "mine", book, "--as-of", "2026-09-30", "--project", tmp_path)
    assert 0 == ran.code, ran.err
    slow = "SELECT party_id, name, kind FROM raw, range(100000000) a, range(100000) b WHERE a.range + b.range < 0"
    (folder / "loader.toml").write_text("max_seconds = 1\n" + HEAD.replace("parties]", "raw]"), "utf-8")
    (folder / "parties.sql").write_text(slow, "utf-8")
    ran = run_cli("load", "mine", book, "--as-of", "2026-09-30", "--project", tmp_path)
    assert (3, True) == (ran.code, "took longer than 1 s" in ran.err)


@pytest.mark.parametrize("name", ["removed.json", "loads.json"])
def test_a_damaged_side_file_is_told_as_damage_and_named(tmp_path: Path, name: str) -> None:
    book = write_book(tmp_path / "data")
    assert 0 == run_cli("load", "bank_csv", book, "--as-of", "2026-09-30", "--project", tmp_path).code
    (tmp_path / ".graphrisk" / name).write_bytes(b"[1, {")
    ran = run_cli("analyze", "chains", "--project", tmp_path)
    assert 0 == ran.code, ran.err
    assert (name in ran.out) == (name == "loads.json"), "what is not known is said"
    ran = run_cli("load", "bank_csv", book, "--as-of", "2026-10-31", "--project", tmp_path)
    assert (4 if name == "removed.json" else 0) == ran.code, ran.err
    if ran.code:
        assert name in ran.err
        assert "move it away" in ran.err


def test_the_servers_own_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("NEO4J_DATABASE", "system")
        with pytest.raises(UsageError, match="own database"):
            open_store(f"bolt://127.0.0.1:{listening.getsockname()[1]}")
