"""A corpus of ways around the check of a query, on both stores: nothing is written, loaded, called or connected to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.statement import check_statement
from graphrisk.stores.base import Store
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.stores.test_contract import contents
from tests.worlds.build import AS_OF, ring, tables_of

LOAD = "LOAD CSV FROM 'URL' AS row RETURN row"
HARMFUL = {
    "plain load": LOAD,
    "load after a match": f"MATCH (p:Party) {LOAD}",
    "load after a union": f"RETURN 1 AS row UNION {LOAD}",
    "load in a subquery": f"CALL {{ {LOAD} }} RETURN row",
    "load in a subquery with a scope": "MATCH (p) CALL (p) { LOAD CSV FROM 'URL' AS row RETURN row } RETURN row",
    "load in a collect": f"RETURN COLLECT {{ {LOAD} }} AS row",
    "load in an exists": f"MATCH (p) WHERE EXISTS {{ {LOAD} }} RETURN p.id AS id",
    "load in a count": f"RETURN COUNT {{ {LOAD} }} AS n",
    "load behind a comment that ends at a carriage return": f"MATCH (p:Party) // x\r{LOAD}",
    "call behind a comment that ends at a carriage return": "MATCH (p) // x\rCALL db.labels() YIELD label RETURN label",
    "write behind a comment that ends at a carriage return": "MATCH (p:Party) // x\rSET p.name = 'x' RETURN p.id AS id",
    "comment that ends at a form feed": f"MATCH (p:Party) // x\f{LOAD}",
    "comment that ends at a vertical tab": f"MATCH (p:Party) // x\v{LOAD}",
    "comment that ends at a next line": f"MATCH (p:Party) // x\x85{LOAD}",
    "comment that ends at a line separator": f"MATCH (p:Party) // x\u2028{LOAD}",
    "comment that ends at a paragraph separator": f"MATCH (p:Party) // x\u2029{LOAD}",
    "comment with an escaped line end": f"MATCH (p:Party) // x\\u000d{LOAD}",
    "comment with an escaped line feed": f"MATCH (p:Party) // x\\u000a{LOAD}",
    "escaped quotation mark": "RETURN 'a\\u0027 AS a LOAD CSV FROM \\u0027URL' AS row",
    "escaped back-tick": f"RETURN 1 AS `a\\u0060 {LOAD} //`",
    "escaped keyword": "\\u004cOAD CSV FROM 'URL' AS row RETURN row",
    "block comment in a keyword": "MATCH (p) /* */ LOAD/**/CSV FROM 'URL' AS row RETURN row",
    "block comment not closed": f"MATCH (p) RETURN p /* {LOAD}",
    "zero width space": "MATCH (p) \u200bLOAD CSV FROM 'URL' AS row RETURN row",
    "byte-order mark": f"\ufeff{LOAD}",
    "null": f"MATCH (p) \x00{LOAD}",
    "no-break space": "MATCH (p)\u00a0LOAD\u00a0CSV FROM 'URL' AS row RETURN row",
    "ideographic space": "MATCH (p)\u3000LOAD\u3000CSV FROM 'URL' AS row RETURN row",
    "Mongolian vowel separator": "MATCH (p)\u180eLOAD\u180eCSV FROM 'URL' AS row RETURN row",
    "number before a keyword": "WITH 1. LOAD CSV FROM 'URL' AS row RETURN row",
    "range before a keyword": "MATCH (p)-[*1..2]-(q) WITH q.LOAD AS x LOAD CSV FROM 'URL' AS row RETURN row",
    "label before a keyword": "MATCH (p:Party) WHERE p:Party LOAD CSV FROM 'URL' AS row RETURN row",
    "label expression before a keyword": "MATCH (p) WHERE p:!Client LOAD CSV FROM 'URL' AS row RETURN row",
    "long s for s": "MATCH (p:Party) \u017fET p.name = 'x' RETURN p.id AS id",
    "Kelvin sign": "MATCH (p:Party) RETURN p.id AS id UNION CALL db.ping() YIELD success RETURN 'x' AS id",
    "other case": "MaTcH (p) lOaD cSv FrOm 'URL' As row rEtUrN row",
    "with headers": "LOAD CSV WITH HEADERS FROM 'URL' AS row RETURN row",
    "periodic commit": f"USING PERIODIC COMMIT {LOAD}",
    "explain": f"EXPLAIN {LOAD}",
    "profile": f"PROFILE {LOAD}",
    "cypher version": f"CYPHER 5 {LOAD}",
    "cypher options": f"CYPHER runtime=slotted {LOAD}",
    "use": "USE system SHOW USERS",
    "use a graph": "USE graph.byName('system') MATCH (n) RETURN n",
    "two statements": f"MATCH (p) RETURN p; {LOAD}",
    "second statement behind a text": f"RETURN ';' AS a; {LOAD}",
    "procedure": "CALL dbms.listConfig() YIELD name RETURN name",
    "procedure without parentheses": "CALL db.labels YIELD label RETURN label",
    "procedure in back-ticks": "CALL `db`.`labels`() YIELD label RETURN label",
    "procedure with spaces": "CALL db . labels () YIELD label RETURN label",
    "optional procedure": "OPTIONAL CALL db.labels() YIELD label RETURN label",
    "procedure in a subquery": "CALL { CALL db.labels() YIELD label RETURN label } RETURN label",
    "procedure in an exists": "MATCH (p) WHERE EXISTS { CALL db.labels() YIELD label RETURN label } RETURN p.id AS id",
    "procedure of a plugin": "CALL apoc.load.json('URL') YIELD value RETURN value",
    "function of a plugin": "RETURN apoc.load.json('URL') AS x",
    "function of the database": "RETURN db.nameFromElementId('x') AS x",
    "create": "CREATE (n:Foreign) RETURN n",
    "merge": "MERGE (n:Foreign) RETURN n",
    "set": "MATCH (p:Party) SET p.name = 'x' RETURN p.id AS id",
    "set in a subquery": "MATCH (p:Party) CALL { WITH p SET p.name = 'x' } RETURN p.id AS id",
    "call in transactions": "MATCH (p:Party) CALL { WITH p SET p.name = 'x' } IN TRANSACTIONS RETURN p.id AS id",
    "delete": "MATCH (p:Party) DETACH DELETE p RETURN 1 AS n",
    "remove": "MATCH (p:Party) REMOVE p.name RETURN p.id AS id",
    "foreach": "MATCH (p:Party) FOREACH (x IN [1] | SET p.name = 'x') RETURN p.id AS id",
    "index": "CREATE INDEX x FOR (n:Party) ON (n.name)",
    "constraint": "DROP CONSTRAINT graphrisk_party_id",
    "show": "SHOW USERS YIELD user RETURN user",
    "terminate": "TERMINATE TRANSACTIONS 'x' YIELD message RETURN message",
    "when": "WHEN true THEN CREATE (n:Foreign) RETURN n",
    "let": "LET x = 1 INSERT (n:Foreign) RETURN n",
    "finish": "CREATE (n:Foreign) FINISH",
}


class Canary:
    """Listens, and counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.visits = 0
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/rows.csv"

    def _listen(self) -> None:
        while self._open:
            with contextlib.suppress(OSError):
                caller, _ = self._socket.accept()
                self.visits += 1
                caller.sendall(b"HTTP/1.0 200 OK\r\n\r\ncanary,1\n")
                caller.close()

    def close(self) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    opened = Canary()
    yield opened
    opened.close()


def test_no_way_around_the_check_reads_writes_loads_or_calls(store: Store, canary: Canary) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = contents(store)
    answered = []
    for name, text in HARMFUL.items():
        try:
            store.query(text.replace("URL", canary.url), timeout=10)
        except GraphRiskError:
            continue
        answered.append(name)
    assert [] == answered
    assert before == contents(store)
    assert 0 == canary.visits


def test_the_server_itself_is_asked_what_a_statement_does_before_it_runs(
    neo4j_store: Neo4jStore, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second fence alone: the check of the text is taken away."""
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = contents(neo4j_store)
    monkeypatch.setattr("graphrisk.stores.neo4j.store.check_statement", lambda text: text)
    harmless = {"function of the database", "explain"}  # nothing runs: a plan is shown; a name is told
    answered = set()
    for name, text in HARMFUL.items():
        try:
            neo4j_store.query(text.replace("URL", canary.url), timeout=10)
        except GraphRiskError:
            continue
        answered.add(name)
    assert set() == answered - harmless
    assert before == contents(neo4j_store)
    assert 0 == canary.visits


@pytest.mark.parametrize("name", sorted(HARMFUL))
def test_the_check_of_the_text_alone_refuses_it(name: str) -> None:
    with pytest.raises(UsageError):
        check_statement(HARMFUL[name])


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (p:Party) // 注释\r\nRETURN p.id AS id",
        "RETURN 'a\rb\u200b\u2028' AS a",
        "RETURN date.truncate('month', date('2026-09-30')) AS d, [1, 2][0..1] AS l, 1.5 + .5 AS m",
        "MATCH (p:Party)\tRETURN duration.between(date('2026-01-01'), date('2026-02-01')) AS d",
    ],
)
def test_what_only_reads_is_still_read(text: str) -> None:
    assert "RETURN" in check_statement(text)
