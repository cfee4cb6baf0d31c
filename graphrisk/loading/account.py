"""Keeps account of a load: of every row and record, whether it stands, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.blame import Blame
from graphrisk.loading.gather import Batch, Gathered
from graphrisk.loading.near_columns import near_of
from graphrisk.loading.raw import BadLine, Ints, RawFile
from graphrisk.loading.report import EXAMPLES, LoadReport, Refused, TableReport
from graphrisk.model.catalog import CATALOG
from graphrisk.model.faults import faults_of
from graphrisk.model.rejects import Reject, Rows, shown

_UNUSED = "no table of the loader takes it"


@dataclass(slots=True, kw_only=True)
class Held:
    """The rows read for one table: `given` per batch as they came, `rows` typed, `alive` those that stand so far.

    `at` are the positions of the rows that stood when `Account.standing` was last asked, `blame` the faults of the
    others.
    """

    batches: list[Batch]
    rows: pa.Table
    record: Ints
    alive: npt.NDArray[np.bool_]
    at: Ints
    blame: Blame

    def given(self, row: int) -> tuple[Batch, int]:
        """Return the batch of a row, and its position there."""
        for batch in self.batches:
            if row < batch.rows.num_rows:
                return batch, row
            row -= batch.rows.num_rows
        raise IndexError(row)


class Account:
    """The account of one load."""

    def __init__(self, *, loader: str, as_of: date, gathered: Gathered) -> None:
        self.loader = loader
        self.as_of = as_of
        self.gathered = gathered
        self.notes: list[str] = []
        self.reject_files: list[str] = []
        self._held: dict[str, Held] = {}
        self._assembled = False

    @property
    def names(self) -> list[str]:
        """The tables that the load fills."""
        return list(self._held)

    @property
    def held(self) -> Mapping[str, Held]:
        """The rows by table."""
        return self._held

    def assemble(self) -> None:
        """Put the batches of each table together; values that could not be read refuse their rows."""
        self._assembled = True
        for name, declared in CATALOG.items():
            batches = self.gathered.batches.get(name)
            if not batches:
                continue
            rows = pa.concat_tables([batch.rows for batch in batches]).combine_chunks()
            record = np.concatenate([batch.record for batch in batches])
            alive = np.ones(rows.num_rows, dtype=bool)
            blame = Blame(declared=declared, rows=rows.num_rows)
            held = Held(batches=batches, rows=rows, record=record, alive=alive, at=np.arange(len(alive)), blame=blame)
            self._held[declared.name] = held
            offset = 0
            for batch in batches:
                for reject in batch.rejects:
                    self._refuse(name, reject.reason, reject.rows + offset, reject.columns)
                offset += batch.rows.num_rows

    def standing(self, name: str) -> pa.Table:
        """Return the rows of a table that stand."""
        held = self._held[name]
        held.at = np.flatnonzero(held.alive)
        return held.rows if held.alive.all() else held.rows.filter(pa.array(held.alive))

    def refuse(self, reject: Reject) -> None:
        """Refuse rows by their positions in what `standing` last returned."""
        self._refuse(reject.table, reject.reason, self._held[reject.table].at[reject.rows], reject.columns)

    def refuse_merged(self, reject: Reject, settled: int, origin: Ints) -> None:
        """Refuse rows by their positions in the union, where the new rows come after `settled` others."""
        held = self._held[reject.table]
        self._refuse(reject.table, reject.reason, held.at[origin[reject.rows - settled]], reject.columns)

    def _refuse(self, name: str, reason: str, rows: Rows, columns: tuple[str, ...]) -> None:
        self._held[name].alive[rows] = False
        self._held[name].blame.add(reason, rows, columns)

    def tell_faults(self, standing: Mapping[str, pa.Table], base_currency: str | None) -> None:
        """Note all further faults of the refused rows, held against the tables that stand.

        Without a base currency (None) nothing is said of currencies.
        """
        positions = {name: np.flatnonzero(~held.alive) for name, held in self._held.items()}
        refused = {name: self._held[name].rows.take(pa.array(at)) for name, at in positions.items()}
        nodes = self.refused_nodes()
        for fault in faults_of(refused, standing, as_of=self.as_of, base_currency=base_currency, nodes=nodes):
            self._held[fault.table].blame.add(fault.reason, positions[fault.table][fault.rows], fault.columns)

    def refused_nodes(self) -> dict[str, list[tuple[str, pa.Array]]]:
        """Return the ids of refused nodes by table, with the reason."""
        out = {}
        for name, held in self._held.items():
            if CATALOG[name].role == "node":
                ids = held.rows[CATALOG[name].key[0]].combine_chunks()
                out[name] = [(fault.reason, ids.take(pa.array(fault.rows))) for fault in held.blame.faults]
        return out

    def loaded(self) -> int:
        """Return how many rows stand."""
        return sum(int(held.alive.sum()) for held in self._held.values())

    def loaded_rows(self, name: str) -> pa.Table:
        """Return the rows of this load that stand in a table."""
        if name not in self._held:
            return CATALOG[name].schema.empty_table()
        return self._held[name].rows.filter(pa.array(self._held[name].alive))

    def rejected(self) -> int:
        """Return how many rows and lines were refused."""
        rows = sum(int((~held.alive).sum()) for held in self._held.values())
        faulty = sum(len(records) for reason, records, rejected in self._aside_groups() if rejected)
        return rows + faulty + sum(len(raw.bad) for raw in self.gathered.files)

    def first_reject(self) -> str:
        """Return the first row refused, in one line."""
        for table in self._tables():
            for reject in table.rejects:
                return f"{reject.examples[0]}: {reject.reason}"
        for raw in self.gathered.files:
            for bad in raw.bad:
                return f"{place_of(raw, bad.line)}: {bad.reason}"
        for reason, records, rejected in self._aside_groups():
            if rejected:
                return f"{self._place_of_record(int(records[0]))}: {reason}"
        return "none"

    def report(self, fingerprint: str = "") -> LoadReport:
        """Return the account as a report."""
        read, used, aside = self._records()
        return LoadReport(
            loader=self.loader,
            as_of=self.as_of,
            fingerprint=fingerprint,
            tables=tuple(self._tables()),
            read=read,
            used=used,
            set_aside=aside,
            faulty=self._faulty(),
            files=tuple(dict.fromkeys(raw.path for raw in self.gathered.files)),
            notes=(
                *self.gathered.notes,
                *self.notes,
                *(note for told in near_of(self.gathered).values() for note in told),
            ),
            reject_files=tuple(self.reject_files),
        )

    def bad_lines(self, name: str) -> Iterator[tuple[RawFile, BadLine]]:
        """Yield the lines that could not be read as rows of a table."""
        for source in self.gathered.sources:
            if source.input.table == name:
                yield from ((source.raw, bad) for bad in source.raw.bad)

    def _tables(self) -> Iterator[TableReport]:
        """Yield what became of the rows of each table."""
        if not self._assembled:  # refused while files were read: no row of any table was looked at
            return
        direct = {source.input.table for source in self.gathered.sources}
        near = near_of(self.gathered)
        for name in CATALOG:
            held = self._held.get(name)
            if held is None and name not in direct:
                continue
            loaded = int(held.alive.sum()) if held is not None else 0
            rejects = self._reasons(name, [] if held is None else held.blame.by_row())
            yield TableReport(
                table=name,
                rows_read=loaded + sum(reject.count for reject in rejects),
                rows_loaded=loaded,
                rejects=rejects,
                faults=self._reasons(name, [] if held is None else held.blame.in_order()),
                new_columns=tuple(self.gathered.new_columns.get(name, ())),
                missing_columns=tuple(self.gathered.missing_columns.get(name, ())),
                near_columns=tuple(near.get(name, ())),
            )

    def _reasons(self, name: str, rejects: Sequence[Reject]) -> tuple[Refused, ...]:
        """Return the lines and rows of a table that were refused, by reason, with examples."""
        reasons = _Reasons()
        for raw, bad in self.bad_lines(name):
            reasons.add(bad.reason, 1, [f"{place_of(raw, bad.line)}: {shown(bad.text)}"])
        for reject in rejects:
            examples = (self._example(name, int(r), reject) for r in reject.rows[:EXAMPLES])
            reasons.add(reject.reason, len(reject.rows), examples)
        return reasons.listed()

    def _faulty(self) -> tuple[Refused, ...]:
        """Return the lines and records that were rejected before they became rows of a table, by reason."""
        reasons = _Reasons()
        for raw in self.gathered.files:
            if not fills_a_table(self.gathered, raw):
                for bad in raw.bad:
                    reasons.add(bad.reason, 1, [place_of(raw, bad.line)])
        for reason, records in self.faulty_records():
            reasons.add(reason, len(records), [self._place_of_record(int(record)) for record in records[:EXAMPLES]])
        return reasons.listed()

    def _example(self, name: str, row: int, reject: Reject) -> str:
        """Return a row refused: where it stands, its key, and the values at fault as the source writes them."""
        held, declared = self._held[name], CATALOG[name]
        batch, at = held.given(row)
        key = declared.key or (declared.source, declared.target)
        said = []
        for column in dict.fromkeys([*key, *reject.columns]):
            if column in batch.given.column_names:
                header = batch.source.get(column, column)
                called = column if header == column else f"{column} ({header})"
                said.append(f"{called} {shown(batch.given[column][at].as_py())}")
            elif column in reject.columns:
                said.append(f"{column} empty")
        return f"{self._place(held, row)}: {', '.join(said)}"

    def _place(self, held: Held, row: int) -> str:
        """Return where a row comes from: file and line, where it is known."""
        record = int(held.record[row])
        return self._place_of_record(record) if record >= 0 else f"row {row + 1}"

    def _place_of_record(self, record: int) -> str:
        """Return the file and line of a record."""
        source, at = self.gathered.locate(record)
        return place_of(source.raw, int(source.raw.lines[at]))

    def faulty_records(self) -> Iterator[tuple[str, Ints]]:
        """Yield the records that the loader's set_aside.sql calls rejected, by reason."""
        yield from ((reason, records) for reason, records, rejected in self._aside_groups() if rejected)

    def _aside_groups(self) -> Iterator[tuple[str, Ints, bool]]:
        """Yield what set_aside.sql names: reason, records, and whether they are faults of the source."""
        table = self.gathered.set_aside
        if table is None or table.num_rows == 0:
            return
        record = table["_record"].cast(pa.int64()).fill_null(-1).to_numpy()
        texts = table["reason"].cast(pa.string()).fill_null("set aside").to_pylist()
        rejected = [False] * len(texts)
        if "rejected" in table.column_names:
            rejected = table["rejected"].cast(pa.bool_()).fill_null(False).to_pylist()
        groups: dict[tuple[str, bool], list[int]] = {}
        for one, text, fault in zip(record.tolist(), texts, rejected, strict=True):
            if one >= 0:
                groups.setdefault((text, fault), []).append(one)
        for (text, fault), records in groups.items():
            yield text, np.array(records, dtype=np.int64), fault

    def _records(self) -> tuple[int, int, tuple[Refused, ...]]:
        """Return how many records were read and used, and why the others were set aside."""
        files = self.gathered.first_readings()
        rows = sum(source.raw.columns.num_rows for source in files)
        used = np.zeros(rows, dtype=bool)
        reasons = _Reasons()
        for held in self._held.values():
            known = held.record[held.alive]
            used[known[known >= 0]] = True
        settled = used.copy()
        for held in self._held.values():
            for reject in held.blame.by_row():
                self._aside(f"rejected: {reject.reason}", held.record[reject.rows], settled, reasons)
        for reason, records, rejected in self._aside_groups():
            self._aside(f"rejected: {reason}" if rejected else reason, records, settled, reasons)
        self._aside(_UNUSED if self._held else "not reached: the load was refused", np.arange(rows), settled, reasons)
        for source in files:
            for bad in source.raw.bad:
                reasons.add(f"rejected: {bad.reason}", 1, [place_of(source.raw, bad.line)])
            if len(source.raw.blank):
                places = [place_of(source.raw, int(line)) for line in source.raw.blank[:EXAMPLES]]
                reasons.add("blank line", len(source.raw.blank), places)
        aside = reasons.listed()
        return int(used.sum()) + sum(one.count for one in aside), int(used.sum()), aside

    def _aside(self, reason: str, records: Ints, settled: npt.NDArray[np.bool_], reasons: _Reasons) -> None:
        """Set records aside that are neither used nor set aside yet."""
        chosen = np.zeros(len(settled), dtype=bool)
        chosen[records[(records >= 0) & (records < len(settled))]] = True
        records = np.flatnonzero(chosen & ~settled)
        if not len(records):
            return
        settled[records] = True
        reasons.add(reason, len(records), [self._place_of_record(int(record)) for record in records[:EXAMPLES]])


class _Reasons:
    """Counts per reason with the first examples, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, list[str]]] = {}

    def add(self, reason: str, count: int, examples: Iterable[str]) -> None:
        held, shown_ = self._found.get(reason, (0, []))
        shown_ += list(examples)[: EXAMPLES - len(shown_)]
        self._found[reason] = (held + count, shown_)

    def listed(self) -> tuple[Refused, ...]:
        return tuple(Refused(reason=r, count=c, examples=tuple(e)) for r, (c, e) in self._found.items())


def fills_a_table(gathered: Gathered, raw: RawFile) -> bool:
    """Return whether the lines of a file are rows of a table by themselves, without SQL."""
    return any(source.raw is raw and source.input.table is not None for source in gathered.sources)


def place_of(raw: RawFile, line: int) -> str:
    """Return where a record stands, by the file's own name: `parties.csv, line 7`."""
    return f"{raw.label}, {raw.unit} {line}"


def nothing_loaded(account: Account) -> DataError:
    """Return the error of a load without any row that stands."""
    where = ", ".join(raw.path for raw in account.gathered.files)
    if account.rejected():
        return DataError("no row could be loaded", where=where, hint=f"the first: {account.first_reject()}")
    return DataError(
        "there is no row to load: no file holds a record", where=where, hint="fill in the tables below their headers"
    )
