"""List the snapshots of the store, check that they are whole, remove one, or keep only the newest.

Examples:

  graphrisk snapshots

  graphrisk snapshots verify

  graphrisk snapshots remove 2026-06-30.1

  graphrisk snapshots prune --keep 12
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_rows, emit_text, say
from graphrisk.errors import StoreError, UsageError

COLUMNS = ("snapshot", "as_of", "fingerprint", "loaders", "rows", "trouble")
VERIFIED = ("snapshot", "as_of", "whole", "faults")


def snapshots(
    session: Session,
    action: Annotated[Literal["list", "verify", "remove", "prune"], typer.Argument(help="What to do.")] = "list",
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Snapshots to verify or remove.")] = None,
    keep: Annotated[int | None, typer.Option("--keep", min=1, help="How many to keep (with prune).")] = None,
) -> None:
    from graphrisk.model.result import records

    workspace = session.workspace()
    held = records(workspace.snapshots())
    if action == "list":
        rows = [{name: info[name] for name in COLUMNS} for info in held]
        if session.shape == "table":
            typer.echo(_said(held, session))
            rows = [{**row, "fingerprint": row["fingerprint"][:12]} for row in reversed(rows)]
        emit_rows(rows, COLUMNS, session, session.pick("snapshots, the latest first", "快照（最新在前）"))
        return
    if action == "verify":
        _verify(workspace.config.store, ids or [], session)
        return
    if action == "prune" and (keep is None or ids):
        raise UsageError("prune takes --keep N and no ids", hint="graphrisk snapshots prune --keep 12")
    if action == "remove" and (not ids or keep is not None):
        raise UsageError("remove takes the ids of snapshots", hint="graphrisk snapshots lists them")
    doomed = list(ids or []) if action == "remove" else [info["snapshot"] for info in held[: -int(keep or 1)]]
    workspace.remove(*doomed)
    if session.shape == "json":
        emit_text(document({"removed": doomed}), session.output, session=session)
        return
    say(f"removed {len(doomed)}: {' '.join(doomed) or 'nothing to remove'}", session=session)


def _said(held: list[dict[str, Any]], session: Session) -> str:
    if not held:
        return session.pick(
            "The store holds no snapshot; graphrisk load LOADER FILES makes one.",
            "存储中没有快照；用 graphrisk load 加载器 文件 建立。",
        )
    last = held[-1]
    days = len({info["as_of"] for info in held})
    many = "1 snapshot" if len(held) == 1 else f"{len(held)} snapshots of {days} day{'s' if days > 1 else ''}"
    return session.pick(
        f"The store holds {many}; the latest, {last['snapshot']}, is of {last['as_of']} and has {last['rows']:,} rows.",
        f"存储中有 {len(held)} 个快照（{days} 个数据日）；最新的 {last['snapshot']} 数据日为 {last['as_of']}，"
        f"共 {last['rows']:,} 行。",
    )


def _verify(url: str, ids: list[str], session: Session) -> None:
    """Say of each snapshot whether it is whole; exit code 4 where one is not."""
    from graphrisk.stores.open import open_store
    from graphrisk.stores.verifying import verified

    store = open_store(url)
    try:
        rows = verified(store, ids)
    finally:
        store.close()
    if session.shape == "table":
        broken = sum(not row["whole"] for row in rows)
        typer.echo(
            session.pick(
                f"{len(rows)} looked at: {'all are whole' if not broken else f'{broken} NOT whole'}.",
                f"已核对 {len(rows)} 个快照：{'全部完好' if not broken else f'{broken} 个已损坏'}。",
            )
        )
    emit_rows(rows, VERIFIED, session, session.pick("snapshots", "快照"))
    if not all(row["whole"] for row in rows):
        raise typer.Exit(StoreError.exit_code)
