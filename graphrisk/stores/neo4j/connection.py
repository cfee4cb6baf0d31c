"""A connection to a Neo4j server: checked first, its errors said in one sentence each."""

from __future__ import annotations

import logging
import os
import re
import socket
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from graphrisk.errors import GraphRiskError, StoreError, UsageError, without_password
from graphrisk.stores.refusals import too_long

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction

_PATIENCE = 3.0
_GRACE = 1.0
_RETRY = 30.0
_DOCKER = "docker run -p 7687:7687 -e NEO4J_AUTH=neo4j/PASSWORD neo4j:5"
FETCH = 10_000
_NOT_A_READ = (
    "LoadCSV",
    "ProcedureCall",
    "Command",
    "Show",
    "Terminate",
    "Transaction",
    "Create",
    "Merge",
    "Delete",
    "Detach",
    "Set",
    "Remove",
    "Foreach",
)
"""How the steps of a plan begin that are no reads: https://neo4j.com/docs/cypher-manual/5/planning-and-tuning/operators/"""


class Connection:
    """A checked connection to one database of a server."""

    def __init__(self, driver: Driver, url: str, database: str | None) -> None:
        self._driver = driver
        self._database = database
        self.url = url
        self._end = weakref.finalize(self, driver.close)  # also for a store that nobody closed

    @classmethod
    def open(cls, url: str) -> Connection:
        """Return a connection; StoreError within five seconds where the server cannot be used."""
        from neo4j import GraphDatabase

        if "@" in url:
            raise UsageError(
                "credentials do not belong into the url",
                hint="set NEO4J_USERNAME and NEO4J_PASSWORD",
                where=without_password(url),
            )
        host, port = _address(url)
        _reach(host, port, url)
        user, password = os.environ.get("NEO4J_USERNAME") or "neo4j", os.environ.get("NEO4J_PASSWORD")
        database = os.environ.get("NEO4J_DATABASE") or None
        if (database or "").lower() == "system":
            raise UsageError(
                "NEO4J_DATABASE is system, the server's own database, which holds no data",
                hint="name another one, or unset NEO4J_DATABASE",
                where=url,
            )
        logging.getLogger("neo4j").addHandler(logging.NullHandler())  # what it says is in our errors, not on the screen
        with said_plainly(url, database, opening=True):
            driver = GraphDatabase.driver(
                url,
                auth=(user, password) if password else None,
                connection_timeout=_PATIENCE,
                connection_acquisition_timeout=_PATIENCE + 1,
                max_transaction_retry_time=_RETRY,
                notifications_min_severity="OFF",
                user_agent="graphrisk",
            )
            try:
                with driver.session(database=database, default_access_mode="READ") as session:
                    check_version(str(session.run("RETURN 1").consume().server.agent), url)
            except BaseException:
                driver.close()
                raise
        return cls(driver, url, database)

    def read(self, cypher: str, **params: Any) -> list[list[Any]]:
        """Return all rows of a statement of our own."""

        def work(tx: ManagedTransaction) -> list[list[Any]]:
            return [record.values() for record in tx.run(cypher, params)]

        with said_plainly(self.url, self._database), self._session("READ") as session:
            rows: list[list[Any]] = session.execute_read(work)
        return rows

    def write(self, work: Callable[[ManagedTransaction], Any]) -> Any:
        """Run `work` in a managed transaction: it is run again after a passing failure, so it must bear that."""
        with said_plainly(self.url, self._database), self._session("WRITE") as session:
            return session.execute_write(work)

    def define(self, cypher: str) -> None:
        """Run one schema statement."""
        with said_plainly(self.url, self._database), self._session("WRITE") as session:
            session.run(cypher).consume()

    def analyst(
        self, cypher: str, params: Mapping[str, Any], timeout: float
    ) -> tuple[tuple[str, ...], list[list[Any]], list[str]]:
        """Return columns, rows and warnings of an analyst's statement, run read-only; StoreError after `timeout` s.

        The server stops a query at its next look at the clock, which inside one long expression may never come: then
        we stop waiting, and leave it to the server.
        """
        from neo4j import Query

        answer: Future[tuple[tuple[str, ...], list[list[Any]], list[str]]] = Future()

        def work() -> None:
            try:
                query = Query(cypher, timeout=timeout)
                with self._session("READ", notifications_min_severity="WARNING") as session:
                    refuse_plan(session.run(Query(f"EXPLAIN {cypher}", timeout=timeout), dict(params)).consume())
                    result = session.run(query, dict(params))
                    columns = tuple(result.keys())
                    rows = [record.values() for record in result]
                    told = [status.status_description for status in result.consume().gql_status_objects]
                answer.set_result((columns, rows, told))
            except BaseException as error:
                answer.set_exception(error)

        Thread(target=work, daemon=True, name="graphrisk-query").start()
        with said_plainly(self.url, self._database, timeout):
            try:
                return answer.result(timeout + _GRACE)
            except FutureTimeoutError:
                raise too_long(timeout, self.url) from None

    def is_reachable(self) -> bool:
        """Return whether anybody listens at the server's address now."""
        try:
            _reach(*_address(self.url), self.url)
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Give the connection back."""
        self._end()

    def _session(self, mode: str, **settings: Any) -> Any:
        return self._driver.session(database=self._database, default_access_mode=mode, fetch_size=FETCH, **settings)


def _address(url: str) -> tuple[str, int]:
    """Return host and port of a url; UsageError where it has none, or one that cannot be."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # a port beyond 65535 or no number, a broken IPv6 address
        raise UsageError(f"is no address: {error}", hint="write neo4j://host:7687", where=url) from error
    if not host or port == 0 or any(ord(character) < 33 for character in url):
        raise UsageError("the host is missing, or the port is 0", hint="write neo4j://host:7687", where=url)
    return host, port or 7687


def _reach(host: str, port: int, url: str) -> None:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except socket.gaierror as error:
        raise StoreError(f"no host is called {host!r}", where=url, hint="check the url's spelling") from error
    except UnicodeError as error:  # a label of the name is empty or too long
        raise UsageError(f"{host!r} is no name of a host", where=url, hint="check the url's spelling") from error
    except OSError as error:
        why = "does not answer" if isinstance(error, TimeoutError) else "refuses the connection"
        raise StoreError(
            f"{host} {why} on port {port}", where=url, hint=f"start a server, for example: {_DOCKER}"
        ) from error


def refuse_plan(said: Any) -> None:
    """Refuse a statement whose plan, as the server itself explains it, writes, loads or calls anything.

    The second fence, behind the check of the text: it holds where the server reads a text otherwise than we do.
    """
    if said.query_type != "r":
        raise UsageError("a query only reads", where="statement")
    steps = [said.plan or {}]
    while steps:
        step = steps.pop()
        steps += step.get("children", ())
        name = str(step.get("operatorType", "")).partition("@")[0]
        if name.startswith(_NOT_A_READ):
            raise UsageError(f"a query only reads: {name} is not allowed", where="statement")


def check_version(agent: str, url: str) -> None:
    """Refuse a server older than Neo4j 5; `agent` is what the server calls itself, e.g. Neo4j/5.26.30."""
    match = re.fullmatch(r"Neo4j/(\d+)\..*", agent)
    if match is None or int(match[1]) < 5:
        raise StoreError(f"{agent} is not supported", where=url, hint="graphrisk needs Neo4j 5 or newer")


@contextmanager
def said_plainly(
    url: str, database: str | None, timeout: float | None = None, *, opening: bool = False
) -> Iterator[None]:
    """Turn the driver's errors into ours; a server that answered at the `opening` and no more went away."""
    from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError, ServiceUnavailable, SessionExpired

    try:
        yield
    except Neo4jError as error:
        raise _from_server(error.code or "", error.message or str(error), url, database, timeout) from error
    except (DriverError, OSError, ValueError) as error:
        if isinstance(error, GraphRiskError):
            raise
        lost = not opening and isinstance(error, ServiceUnavailable | SessionExpired | IncompleteCommit | OSError)
        raise _from_driver(error, url, went_away=lost) from error


def _from_server(code: str, message: str, url: str, database: str | None, timeout: float | None) -> GraphRiskError:
    message = message.splitlines()[0].rstrip(".") if message else code
    if code.endswith(("Security.Unauthorized", "Security.CredentialsExpired", "Security.TokenExpired")):
        if not os.environ.get("NEO4J_PASSWORD"):
            return StoreError("NEO4J_PASSWORD is not set", where=url, hint="export NEO4J_PASSWORD=...")
        user = os.environ.get("NEO4J_USERNAME") or "neo4j"
        return StoreError(
            f"the server refuses the password of user {user}", where=url, hint="set NEO4J_USERNAME and NEO4J_PASSWORD"
        )
    if code.endswith("AuthenticationRateLimit"):
        return StoreError(
            "the server takes no more passwords for now, after too many wrong ones", where=url, hint="wait some seconds"
        )
    if code.endswith("DatabaseNotFound"):
        return StoreError(
            f"the server has no database called {database!r}", where=url, hint="set NEO4J_DATABASE, or unset it"
        )
    if code.endswith(("Security.Forbidden", "WriteOnReadOnlyAccessDatabase", "ForbiddenOnReadOnlyDatabase")):
        return StoreError(
            f"not allowed: {message}", where=url, hint="loading needs a user who may write, in a database that may be"
        )
    if "Transaction.TransactionTimedOut" in code and timeout is not None:
        return too_long(timeout, url)
    if timeout is not None and code.endswith("Statement.AccessMode"):
        return UsageError("a query only reads", where="statement")
    if timeout is not None and code.startswith("Neo.ClientError."):
        return UsageError(f"the statement cannot run: {message}", where="statement", hint="see docs/queries.md")
    return StoreError(f"{message} ({code})", where=url, hint="run the command again; the server's logs say more")


def _from_driver(error: Exception, url: str, *, went_away: bool) -> StoreError:
    first = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    if went_away:
        return StoreError(
            "the server went away",
            where=url,
            hint="run the command again when it is back; a load that had begun is completed by the next one",
        )
    if "routing" in first.lower():
        bolt = url.replace("neo4j", "bolt", 1)
        return StoreError(f"{first}", where=url, hint=f"where the server is behind a proxy or in a container: {bolt}")
    if "SSL" in first or "ertificate" in first or "encrypt" in first.lower():
        return StoreError(f"{first}", where=url, hint="use +s for a certificate, +ssc for a self-signed one, else none")
    return StoreError(f"the connection broke: {first}", where=url, hint="check that the port is Bolt's (7687)")
