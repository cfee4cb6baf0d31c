from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from graphrisk.errors import DataError
from graphrisk.loading.engine import check_select, open_session, run_select

SECRET = pa.table({"a": [1]})


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{tmp}/stolen.csv'",
        "ATTACH '{tmp}/stolen.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "SET threads = 1",
        "RESET lock_configuration",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW given",
        "INSERT INTO given VALUES (1)",
        "EXPORT DATABASE '{tmp}/x'",
        "EXPLAIN SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY (SELECT 1) TO '{tmp}/stolen.csv'",
        "",
        "-- nothing",
        "SELEC 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM 'https://example.com/x.csv'",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM SECRET",
        "SELECT * FROM query('COPY (SELECT 1) TO ''{tmp}/stolen.csv''')",
        "WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x",
    ],
)
def test_hostile_sql_is_refused_and_leaves_nothing_behind(sql: str, tmp_path: Path) -> None:
    given = pa.table({"a": ["x"]})
    with open_session() as session:
        session.register("given", given)
        with pytest.raises(DataError) as error:
            run_select(session, sql.replace("{tmp}", str(tmp_path)), "evil.sql", {"given": given})
    assert "evil.sql" == error.value.where
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{tmp}/stolen.csv'",
        "ATTACH '{tmp}/stolen.db'",
        "EXPORT DATABASE '{tmp}/x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "SET python_enable_replacements = true",
        "SET allowed_directories = ['/']",
    ],
)
def test_the_session_itself_refuses_what_the_statement_check_would(sql: str, tmp_path: Path) -> None:
    import duckdb

    with open_session() as session, pytest.raises(duckdb.Error):
        session.execute(sql.replace("{tmp}", str(tmp_path)))
    assert [] == list(tmp_path.iterdir())


def test_the_lock_is_what_the_design_says() -> None:
    with open_session() as session:
        rows = session.execute("SELECT name, value FROM duckdb_settings()").fetchall()
    held = {name: str(value).lower() for name, value in rows}
    for name in ("autoinstall_known_extensions", "autoload_known_extensions", "enable_external_access"):
        assert "false" == held[name], name
    assert "true" == held["lock_configuration"]


def test_one_select_of_any_form_passes() -> None:
    given = pa.table({"a": ["1", "2"]})
    with open_session() as session:
        session.register("given", given)
        for sql in ("SELECT a FROM given", "WITH x AS (FROM given) SELECT * FROM x;", "FROM given -- all\n"):
            assert 2 == run_select(session, sql, "x.sql", {}).num_rows


def test_a_failing_select_names_the_file_and_what_it_can_read() -> None:
    given = pa.table({"a": ["x"]})
    with open_session() as session:
        session.register("given", given)
        with pytest.raises(DataError, match="the SQL fails") as error:
            run_select(session, "SELECT b FROM given", "parties.sql", {"given": given})
    assert "given(a)" in error.value.hint
    with pytest.raises(DataError, match="where one SELECT is wanted"):
        check_select("SELECT 1; SELECT 2", "x.sql")
