"""Statements as files, and the check that one only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.statement import check_portable, check_statement, find_query, parse_query, query_names


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (p:Party) RETURN p.id AS id",
        "match (p) return p;",
        "MATCH (p) RETURN p ; // done; really",
        "// CREATE\nMATCH (p) RETURN 'DELETE me' AS `set`, p.set AS x, {remove: 1} AS m",
        "MATCH (p:Delete)-[:SET|MERGE]->(q) RETURN p",
        "UNWIND [1, 2] AS x RETURN x UNION ALL WITH 3 AS x RETURN x",
        "OPTIONAL MATCH (p) CALL { MATCH (q) RETURN q } RETURN q",
    ],
)
def test_one_statement_that_reads_is_accepted(text: str) -> None:
    check_statement(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("// only a comment", "empty"),
        ("MATCH (p) RETURN p; MATCH (q) RETURN q", "more than one"),
        ("MATCH (p) SET p.x = 1 RETURN p", "SET is not allowed"),
        ("MATCH (p) DETACH DELETE p", "DETACH is not allowed"),
        ("CREATE (p) RETURN p", "CREATE is not allowed"),
        ("MATCH (p) CALL { WITH p MERGE (q) RETURN q } RETURN q", "MERGE is not allowed"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row", "LOAD is not allowed"),
        ("MATCH (p) CALL apoc.export.csv.all('x', {}) YIELD file RETURN file", "procedures"),
        ("CALL db.labels()", "procedures"),
        ("EXPLAIN MATCH (p) RETURN p", "EXPLAIN is not allowed"),
        ("SHOW USERS", "SHOW is not allowed"),
        ("MATCH (p)", "returns nothing"),
        ("p", "starts with"),
        ("MATCH (p {name: 'x}) RETURN p", "not closed"),
        ("MATCH (p) /* c */ RETURN p", "comments"),
        ("RETURN 'a\\u0027 SET x' AS a", "escaped quotation mark"),
        ("MATCH (p) \\u0053ET p.x = 1 RETURN p", "escaped quotation mark"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_statement(text)


def test_the_reason_names_the_line() -> None:
    with pytest.raises(UsageError) as caught:
        check_statement("MATCH (p)\n\nREMOVE p.x\nRETURN p")
    assert "statement:3" == caught.value.where


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a)-[:OWNS*1..3]->(b) RETURN b",
        "MATCH (a)-[r:OWNS|PAID*..3 {source: 'x'}]-(b) RETURN b",
        "MATCH (a)<-[*2]-(b) RETURN b",
        "MATCH (a) WITH a, [1, 2] AS l RETURN l[1 * 1] AS x, 2 - [3][0] AS y, type(a) AS t",
    ],
)
def test_bounded_patterns_are_portable(text: str) -> None:
    check_portable(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATCH (a)-[*]->(b) RETURN b", "upper bound"),
        ("MATCH (a)-[:OWNS*]->(b) RETURN b", "upper bound"),
        ("MATCH (a)-[r:OWNS*2..]-(b) RETURN b", "upper bound"),
        ("MATCH (a)<-[* {x: 1}]-(b) RETURN b", "upper bound"),
        ("MATCH (a) RETURN id(a) AS i", "differs between stores"),
        ("MATCH (a) RETURN properties(a) AS i", "differs between stores"),
        ("MATCH (a) RETURN a {.*} AS i", "differs between stores"),
        ("MATCH (a) RETURN a.type AS i", "no property is called type"),
        ("MATCH (a) RETURN a FORMAT CSV", "not Cypher"),
    ],
)
def test_what_the_engines_answer_differently_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_portable(text)


HEADER = """// A title
// And what it shows.
// param id text: id of the party
// param limit integer = 10: rows
// param share number = 0.5: share
// param on date = null: day
// param ids list = A,B: ids
// param strict boolean = false: flag
// returns n: number
MATCH (p {id: $id}) WHERE p.share > $share AND p.on = $on AND p.id IN $ids AND $strict
RETURN count(p) AS n LIMIT $limit
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mine.cypher").write_text(HEADER, "utf-8")
    return tmp_path


def test_a_header_is_read(own: Path) -> None:
    query = find_query("mine", own)
    assert ("A title", "And what it shows.", ["n"]) == (query.title, query.about, list(query.returns))
    assert ["id", "limit", "share", "on", "ids", "strict"] == list(query.params)
    assert query.text.startswith("MATCH")


def test_texts_become_values_of_the_declared_types(own: Path) -> None:
    given = {"id": "007", "limit": "5", "share": "1", "on": "2026-01-31", "ids": '["a,b", "c"]', "strict": "True"}
    expected = {"id": "007", "limit": 5, "share": 1.0, "on": "2026-01-31", "ids": ["a,b", "c"], "strict": True}
    assert expected == find_query("mine", own).bind(given)
    defaults = {"id": "x", "limit": 10, "share": 0.5, "on": None, "ids": ["A", "B"], "strict": False}
    assert defaults == find_query("mine", own).bind({"id": "x"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs id"),
        ({"id": "x", "limt": "1"}, "limit"),
        ({"id": "x", "limit": "many"}, "an integer"),
        ({"id": "x", "share": "nan"}, "a number"),
        ({"id": "x", "on": "31.1.2026"}, "a date"),
        ({"id": "x", "strict": "maybe"}, "a boolean"),
        ({"id": 7}, "a text"),
        ({"id": "x", "ids": "[1]"}, "a list"),
        ({"id": "x", "limit": str(2**63)}, "an integer"),
    ],
)
def test_a_wrong_parameter_is_refused(own: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_query("mine", own).bind(given)


def test_the_projects_own_queries_come_first(tmp_path: Path) -> None:
    (tmp_path / "party_card.cypher").write_text("// Mine\nRETURN 1 AS one\n", "utf-8")
    assert "Mine" == find_query("party_card", tmp_path).title
    assert "party_card" in query_names(tmp_path)
    assert "Mine" != find_query("party_card").title


def test_an_unknown_query_names_the_nearest(own: Path) -> None:
    with pytest.raises(UsageError, match="mine"):
        find_query("mnie", own)
    with pytest.raises(UsageError):
        find_query("../party_card", own)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATCH (p) RETURN p", "no title"),
        ("// T\n// param x text: used nowhere\nRETURN 1 AS one", "declared but not used"),
        ("// T\nRETURN $x AS one", "used but not declared"),
        ("// T\n// param x string: y\nRETURN $x AS one", "no parameter type"),
        ("// T\n// param x: y\nRETURN $x AS one", "cannot read"),
        ("// T\n// returns one\nRETURN 1 AS one", "cannot read"),
        ("// T\n// param x integer = a: y\nRETURN $x AS one", "an integer"),
        ("// T\n\nMATCH (p) DELETE p RETURN 1 AS one", "DELETE"),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "q.cypher"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said) as caught:
        parse_query(path)
    assert str(path) in caught.value.where
