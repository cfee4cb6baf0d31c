"""The one facade of command line, notebooks and server: a project folder, its store, its data, its results."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.config import Config, read_config
from graphrisk.errors import StoreError, UsageError, nearest, without_password
from graphrisk.exporting import export_tables
from graphrisk.kept_answers import kept_answer
from graphrisk.model.params import date_of
from graphrisk.named_shocks import Shocks, named_shocks
from graphrisk.progress import Progress, silent
from graphrisk.proposing import proposed
from graphrisk.slicing import sliced
from graphrisk.two_snapshots import pick_snapshot, two_graphs

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.analyze.needs import Answer
    from graphrisk.analyze.owners.sentence import OwnersFrame
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.loading.report import LoadReport
    from graphrisk.model.ask import Ask
    from graphrisk.model.note import Note
    from graphrisk.model.result import Result
    from graphrisk.stores.base import SnapshotInfo, Store
    from graphrisk.views.page import Page


class Workspace:
    """A project folder: `project` holds graphrisk.toml (optional), the embedded store, own loaders and queries.

    `store` is `files:DIR`, `neo4j://host:port` or `bolt://host:port`; `as_of` picks the latest snapshot on or before
    that day. Raises UsageError for a folder that is not there or a setting that is wrong.
    """

    def __init__(
        self,
        project: str | Path = ".",
        *,
        store: str | None = None,
        as_of: str | date | None = None,
        progress: Progress = silent,
    ) -> None:
        folder = Path(project)
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", hint="graphrisk new DIR makes a project to start from")
        self.config: Config = read_config(folder.resolve(), store=store)
        self.as_of = date_of(as_of)
        self._progress = progress
        self._opened: Store | None = None
        self._graph: RiskGraph | None = None
        self._quality: dict[str, tuple[Note, ...]] = {}

    def load(
        self,
        loader: str,
        paths: Sequence[str | Path] | str | Path,
        *,
        as_of: str | date | None = None,
        strict: bool = False,
        max_rejects: float | None = None,
        encoding: str = "utf-8",
    ) -> LoadReport:
        """Load files with a loader into the snapshot of `as_of` (default: the workspace's, else today).

        Replaces what this loader brought for that day and leaves what others brought. Raises LoadRefused, with the
        report, and leaves the store as it was, where the data is refused: with `strict` for any rejected row, else
        where a table loses everything or more than `max_rejects` (1: take what is left; default: the loader's).
        """
        from graphrisk.loading.run import load_files
        from graphrisk.stores.content import whole_tables
        from graphrisk.stores.memory import remembering
        from graphrisk.stores.taking import take_load

        self._graph, self._quality = None, {}
        day = date_of(as_of) or self.as_of or date.today()  # noqa: DTZ011 - the analyst's own calendar day
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        with self._store.loading(), remembering(self._store):
            self._store.recover(self._progress)
            before = self._store.snapshots()
            held = [info for info in before if info.as_of == day]
            loaded = load_files(
                loader,
                [Path(path) for path in given],
                as_of=day,
                existing=whole_tables(self._store, held[-1].id) if held else {},
                base_currency=self.config.base_currency,
                encoding=encoding,
                strict=strict,
                max_rejects=max_rejects,
                own_loaders=self.config.project / "loaders",
                rejects_dir=self.config.project / ".graphrisk" / "rejects",
                digest=False,
                progress=self._progress,
            )
            taken, said = take_load(self._store, loaded.tables, loaded.report.past(), before, self._progress)
        notes = (*loaded.report.notes, *said)
        if as_of is None and self.as_of is None:
            notes = (*notes, f"no as-of date was given: today, {day}, was taken (--as-of YYYY-MM-DD says another)")
        return dataclasses.replace(loaded.report, snapshot=taken.id, fingerprint=taken.fingerprint, notes=notes)

    def __repr__(self) -> str:
        day = f" as of {self.as_of}" if self.as_of else ""
        return f"<Workspace {self.config.project}{day}, store {without_password(self.config.store)}>"

    def snapshots(self) -> pd.DataFrame:
        """Return the snapshots that the store holds, a row each, oldest first: id, day, fingerprint, loaders, rows."""
        from graphrisk.stores.content import listing

        return listing(self._store.snapshots())

    def remove(self, *ids: str) -> None:
        """Remove snapshots and their scores; UsageError for an id that is not there, and then none is removed."""
        from graphrisk.stores.content import known_ids

        for one in known_ids(self._store.snapshots(), ids):
            self._store.remove(one)
        self._graph = None

    def graph(self) -> RiskGraph:
        """Return the client graph of the chosen snapshot."""
        info = self._snapshot()
        if self._graph is None or self._graph.snapshot != info.id:
            self._graph = self._graph_of(info)
        return self._graph

    def _graph_of(self, info: SnapshotInfo) -> RiskGraph:
        from graphrisk.graph.build import build_graph
        from graphrisk.model.catalog import PLACE
        from graphrisk.stores.content import data_tables
        from graphrisk.stores.memory import concerning, forgotten

        if self._graph is not None and self._graph.snapshot == info.id:
            return self._graph
        self._progress("reading the snapshot")
        graph = build_graph(
            data_tables(self._store, info.id),
            as_of=info.as_of,
            configured_base=self.config.base_currency,
            snapshot=info.id,
            digest=info.fingerprint,
            settings=self.config.of_results,
            loads=concerning(self._store, info.as_of),
            read_places=lambda name: self._store.table(name, info.id, ("row_key", *PLACE)),
        )
        return dataclasses.replace(graph, notes=(*graph.notes, *forgotten(self._store)))

    def table(self, name: str) -> pd.DataFrame:
        """Return a canonical table as it was loaded (own currencies, all dates), or a score table, as a DataFrame."""
        from graphrisk.model.catalog import BOOKKEEPING, CATALOG
        from graphrisk.model.frames import typed_frame

        if name in CATALOG:
            table = self._store.table(name, self._snapshot().id)
            frame = table.drop_columns([c for c in BOOKKEEPING if c in table.column_names]).to_pandas()
            return typed_frame(frame, CATALOG[name])
        return self._scored(name).tables[name]

    def analyze(
        self,
        name: str,
        *,
        shocks: Shocks | None = None,
        scenario: str | Path | None = None,
        against: str | Path | None = None,
        by: str | None = None,
        segment: Sequence[str] | str = (),
        **params: Any,
    ) -> Result:
        """Run an analyzer on the chosen snapshot, keep its scores in the store, return the Result.

        `shocks` maps party ids to the fraction of equity lost (or lists them as "PARTY" or "PARTY=FRACTION"),
        `scenario` is a scenario file, `against` a second one to compare it with; `by` ("industry") and `segment`
        ("size=micro") slice the tables returned; other keywords are parameters, and stronger than those in the files.
        """
        from graphrisk.analyze.base import find_analyzer, read_story, refuse_unread, units_of
        from graphrisk.analyze.needs import run_with_needs
        from graphrisk.answers.reader import Reader
        from graphrisk.model.frames import typed_frames
        from graphrisk.model.note import as_note
        from graphrisk.model.params import parse_params
        from graphrisk.model.result import Inputs

        analyzer = find_analyzer(name)
        takes = refuse_unread(name, analyzer, shocks=shocks, scenario=scenario, against=against)
        story = None if scenario is None else read_story(name, scenario)
        rival = None if against is None else read_story(name, against)
        if rival is not None:
            if name == "portfolio":
                rival = dataclasses.replace(rival, portfolio={**rival.portfolio, **params})
            else:
                rival = dataclasses.replace(rival, params={**rival.params, **params})
        if story is not None and takes:
            params = {**(story.portfolio if name == "portfolio" else story.params), **params}
        settings = parse_params(analyzer.Params, params, where=name)
        two = getattr(analyzer, "TWO_SNAPSHOTS", False)
        if two:
            snapshots = (self._store, self._snapshot())
            graph, inputs = two_graphs(*snapshots, settings, self._graph_of, self._kept, self._progress)
        elif getattr(settings, "folder", None) is not None:
            read, base = self._store.table, self.config.base_currency
            graph, inputs = proposed(self.graph(), read, settings.folder, base, story, self._progress)
        else:
            graph = (self._unloaded() if name == "quality" else None) or self.graph()
            inputs = Inputs(shocks=named_shocks(graph, shocks), scenario=story, against=rival)
            earlier = getattr(settings, getattr(analyzer, "AGAINST_SNAPSHOT", ""), None)
            if earlier is not None:
                inputs = dataclasses.replace(
                    inputs, before=self._graph_of(pick_snapshot(self._store.snapshots(), earlier))
                )
        result = run_with_needs(name, graph, settings, inputs=inputs, progress=self._progress, answer=self._answer)
        declared = {table.name: table for table in analyzer.TABLES}
        shaped = typed_frames(result.tables, declared)
        result = dataclasses.replace(result, tables=shaped, units=units_of(analyzer, graph.base_currency))
        if name != "quality" and not two:
            known = self._warnings(graph) if graph.snapshot else ()  # a proposal writes nothing to the store
            result = dataclasses.replace(result, notes=(*result.notes, *graph.notes, *known))
        reader = Reader(lang=self.config.get("language"), graph=graph, before=inputs.before, tables=declared)
        result = dataclasses.replace(result, reader=reader)
        default = inputs.empty and settings == analyzer.Params()
        if graph.snapshot and not two:
            try:
                self._store.write_scores(result, default=default, snapshot=graph.snapshot)
            except StoreError as error:  # it may only be read, is full, or another process writes: the answer is there
                said = as_note(f"not kept in the store: {error.where}: {error.message}")
                result = dataclasses.replace(result, notes=(*result.notes, said))
        return sliced(result, by, segment, self._cached)

    def owners(self, party: str | None = None, *, regime: str = "amlr", **asked: Any) -> OwnersFrame:
        """Return the beneficial owners of a party (None: of the whole book) under a regime, as a table that reads.

        `against` is a second regime, `listed` a file of ids or ids (whom a rule on lists reaches), `on` the rule's day.
        """
        from graphrisk.analyze.owners.asking import ask

        return ask(self.analyze, self.config.project, regime, party, **asked)

    def query(
        self, name: str | None = None, params: Mapping[str, Any] | None = None, *, cypher: str | None = None
    ) -> pd.DataFrame:
        """Run a query of `queries/` by name, or read-only Cypher of one's own; a typed DataFrame."""
        from graphrisk.model.result import frame_of
        from graphrisk.statement import check_statement, find_query

        if (name is None) == (cypher is None):
            raise UsageError("give the name of a query or a Cypher text, one of both")
        given: Mapping[str, Any] = params or {}
        if name is not None:
            query = find_query(name, self.config.project / "queries")
            text, given = query.text, query.bind(given)
        else:
            text = check_statement(str(cypher))
        info = self._snapshot()
        settings = self._settings(info)
        rows = self._store.query(text, given, info.id, timeout=self.config.timeout, settings=settings)
        return frame_of(rows.columns, rows.rows)

    def view(self, name: str, arg: str | None = None, **options: Any) -> Page:
        """Return an offline HTML page: it displays in a notebook, `.write(path)` saves it.

        `options`: `mask` (a key: names and ids become pseudonyms), `mask_level` ("amounts": coarse money too),
        `depth`, `lang` (default: the project's language),
        and for a view that shows a run (cascade, stress) `shocks`, `scenario`, `settings`, and for a second run
        `compare`, `compare_shocks` or `compare_scenario`.
        """
        from graphrisk.views.base import Options, asked, check_arg, find_view
        from graphrisk.views.render import render
        from graphrisk.views.wording.coarse import coarse

        view = find_view(name)
        check_arg(name, view, arg, self.graph)  # before anything is computed
        chosen = Options(**{"lang": self.config.get("language"), **options})
        results = {needed: self._cached(needed) for needed in view.NEEDS}
        for ask in asked(view, self.graph(), results, arg, chosen):
            results[ask.key] = self._answer(ask)
        graph = self.graph()
        if chosen.mask_level == "amounts":
            graph, results = coarse(graph, results)
        return render(view.picture(graph, results, arg, chosen), compress=chosen.compress)

    def export(self, tables: Sequence[str] | str, to: str, path: str | Path, **sliced: Any) -> list[Path]:
        """Write tables (canonical or score tables; none = all that hold rows) in a format; return the files.

        `by` and `segment` slice them, as in `analyze`.
        """
        from graphrisk.stores.content import whole_tables

        return export_tables(
            self._store,
            self.graph(),
            self.config.get("language"),
            tables,
            to,
            Path(path),
            whole=lambda: whole_tables(self._store, self.graph().snapshot),
            scored=self._scored,
            result_of=self._cached,
            **sliced,
        )

    def push(self, url: str) -> str:
        """Copy the chosen snapshot into another store; return its id there."""
        from graphrisk.stores.memory import copy_snapshot
        from graphrisk.stores.open import open_store

        info = self._snapshot()
        other = open_store(read_config(self.config.project, store=url).store)
        try:
            return copy_snapshot(self._store, other, info, self._progress)
        finally:
            other.close()

    def pull(self, url: str) -> str:
        """Copy the latest snapshot (on or before the workspace's day) of another store into this one; return its id."""
        from graphrisk.stores.memory import copy_snapshot

        other = Workspace(self.config.project, store=url, as_of=self.as_of, progress=self._progress)
        try:
            self._graph = None
            return copy_snapshot(other._store, self._store, other._snapshot(), self._progress)
        finally:
            other.close()

    def close(self) -> None:
        """Give back the store's connections and files."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _store(self) -> Store:
        if self._opened is None:
            from graphrisk.stores.open import open_store

            self._opened = open_store(self.config.store)
        return self._opened

    def _snapshot(self) -> SnapshotInfo:
        from graphrisk.stores.memory import chosen_snapshot

        return chosen_snapshot(self._store, self.as_of)

    def _unloaded(self) -> RiskGraph | None:
        """Return an empty graph where all loads were refused, so that `quality` can say why; None otherwise."""
        from graphrisk.graph.build import build_graph
        from graphrisk.stores.memory import never_taken

        refused = never_taken(self._store)
        return build_graph({}, as_of=refused[-1].as_of, loads=refused) if refused else None

    def _scored(self, table: str) -> Result:
        """Return the result with default parameters that holds a score table; UsageError where there is none."""
        from graphrisk.analyze.base import analyzer_names
        from graphrisk.model.catalog import CATALOG
        from graphrisk.model.scores import owner_of

        analyzer = owner_of(table, analyzer_names())
        result = self._cached(analyzer) if analyzer is not None else None
        if result is None or table not in result.tables:
            known = [*CATALOG, *(result.tables if result is not None else ())]
            raise UsageError(f"no table is called {table!r}", hint=nearest(table, known))
        return result

    def _settings(self, info: SnapshotInfo) -> dict[str, str | None]:
        """Return the settings that answers on a snapshot depend on, as its graph would say them."""
        return {**self.config.of_results, "base_currency": self.config.base_currency or info.base_currency}

    def _cached(self, name: str) -> Result:
        """Return the result of an analyzer with its defaults, from the store where it is fresh."""
        from graphrisk.model.ask import Ask

        return self._answer(Ask(key=name, analyzer=name))

    def _kept(self, info: SnapshotInfo, ask: Ask, answer: Answer) -> Result | None:
        """Return the answer on a snapshot that is asked for where it is kept and fresh."""
        return kept_answer(self._store, info, self._settings(info), ask, answer)

    def _answer(self, ask: Ask) -> Result:
        """Return the answer that a view or an analyzer asks for, from the store where it is fresh."""
        kept = self._kept(self._snapshot(), ask, self._answer)
        if kept is not None:
            return kept
        return self.analyze(ask.analyzer, shocks=ask.shocks, scenario=ask.scenario, against=ask.against, **ask.params)

    def _warnings(self, graph: RiskGraph) -> tuple[Note, ...]:
        """Return what `quality` has to say of the data, in a few sentences, to go with every score."""
        if graph.snapshot not in self._quality:
            from graphrisk.analyze.quality.analysis import summary_notes

            self._quality[graph.snapshot] = summary_notes(self._cached("quality"))
        return self._quality[graph.snapshot]
