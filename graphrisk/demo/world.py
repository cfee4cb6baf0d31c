"""The synthetic bank as files: made district by district, so that its size does not matter to the memory it takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa

from graphrisk.demo.accounts import financials, ratings
from graphrisk.demo.credit import Loans, facilities, make_loans, secured
from graphrisk.demo.dice import Dice
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.firms import Block, make_block, parties
from graphrisk.demo.guarantees import guaranteed
from graphrisk.demo.history import behaviour, events, relationship
from graphrisk.demo.institutions import as_tables, institutions
from graphrisk.demo.joint import make_joint
from graphrisk.demo.network import PUBLISHED, Shape, make_network, scaled
from graphrisk.demo.owners import owned
from graphrisk.demo.plots import plant
from graphrisk.demo.story import Story, write_story
from graphrisk.demo.trade import traded
from graphrisk.demo.writing import TableFiles
from graphrisk.errors import UsageError
from graphrisk.model.catalog import CATALOG
from graphrisk.progress import Progress, silent

DISTRICT = 40_000
"""Clients of a full district; its guarantee layer has the size of the published network."""

FEWEST, MOST = 50, 1_000_000
_CSV_UP_TO = 50_000


def write_bank(
    directory: Path,
    *,
    clients: int = 2000,
    seed: int = 1,
    format: Literal["csv", "parquet"] | None = None,  # noqa: A002 - the word users know
    progress: Progress = silent,
) -> Story:
    """Write a synthetic bank into `directory`, one file per canonical table, and return what is planted in it.

    `clients` from 50 to 1,000,000; `format` is csv up to 50,000 clients and parquet above, where not given. The same
    seed gives the same bytes. Beside the tables lie `story.json` and `STORY.md`. Raises UsageError for a size out of
    range or a seed below 0.
    """
    check_size(clients, seed)
    chosen = format or ("csv" if clients <= _CSV_UP_TO else "parquet")
    directory.mkdir(parents=True, exist_ok=True)
    made = 0
    with TableFiles(directory, chosen) as files:
        for tables in bank_parts(clients=clients, seed=seed):
            files.write(tables)
            made += sum(tables["parties"]["is_client"].to_pylist())
            progress("making the bank", made, clients)
        rows = files.rows
    story = Story(clients=clients, seed=seed, as_of=AS_OF, format=chosen, rows=rows, plots=plant()[1])
    write_story(story, directory)
    return story


def check_size(clients: int, seed: int) -> None:
    """Raise UsageError for a size out of range or a seed below 0."""
    if not FEWEST <= clients <= MOST:
        raise UsageError(f"a bank has {FEWEST} to {MOST:,} clients, not {clients:,}", hint="--clients 2000")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0, not {seed}", hint="--seed 1")


def bank_parts(*, clients: int, seed: int) -> Iterator[dict[str, pa.Table]]:
    """Yield the bank in parts of canonical tables: what all share with the stories, then one district after another.

    A district depends on the seed, its number and its own size alone.
    """
    rows, _ = plant()
    planted = sum(row["is_client"] for row in rows["parties"])
    shared = as_tables(institutions())
    for name, table in as_tables(rows).items():
        shared[name] = pa.concat_tables([shared[name], table]) if name in shared else table
    yield {name: shared[name] if name in shared else CATALOG[name].schema.empty_table() for name in CATALOG}
    for district in range(-(-clients // DISTRICT)):
        size = min(DISTRICT, clients - district * DISTRICT)
        yield make_district(seed, district, district * DISTRICT, size, planted if district == 0 else 0)[2]


def _without_stories(shape: Shape) -> Shape:
    """Return what is left of a shape beside the stories' circle of four and hub of ten."""
    nodes = shape.nodes - 15
    if nodes < 8:
        return scaled(0)
    return dataclasses.replace(
        shape,
        nodes=nodes,
        edges=shape.edges - 14,
        components=min(shape.components - 2, 2 * nodes // 5),
        largest=min(shape.largest, nodes // 2),
        rings=tuple(ring for ring in shape.rings if ring != 4),
    )


def make_district(
    seed: int, district: int, first: int, size: int, planted: int, *, untroubled: bool = False
) -> tuple[Block, Loans, dict[str, pa.Table]]:
    """Return a district of `size` clients less those `planted`: its clients, their loans, its tables."""
    shape = scaled(round(size * PUBLISHED.nodes / DISTRICT))
    shape, count = (_without_stories(shape), size - planted) if planted else (shape, size)
    network = make_network(shape, Dice(seed, district, "network"))
    joint = make_joint(count, Dice(seed, district, "joint guarantees"))
    block = make_block(seed, district, first, count, network, joint, untroubled=untroubled)
    loans = make_loans(block, network)
    contracts, block = guaranteed(block, loans, network, joint)
    clients = parties(block)
    assets, pledges = secured(block, loans)
    behind = owned(block)
    tables = {
        "parties": pa.concat_tables([clients, behind.pop("parties")]),
        "facilities": facilities(block, loans),
        "collateral": assets,
        "pledges": pledges,
        "guarantees": contracts,
        "financials": financials(block),
        "behaviour": behaviour(block, loans),
        "events": events(block, loans),
        "ratings": ratings(block),
        "relationship": relationship(block, loans, clients),
        **behind,
        **traded(block, loans),
    }
    whole = {name: tables[name] if name in tables else CATALOG[name].schema.empty_table() for name in CATALOG}
    return block, loans, whole
