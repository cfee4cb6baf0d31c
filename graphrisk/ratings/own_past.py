"""The synthetic bank rates its clients by what its own past taught: trained on its snapshots, applied to the last."""

from __future__ import annotations

from pathlib import Path

from graphrisk.config import CONFIG_FILE
from graphrisk.errors import DataError
from graphrisk.progress import Progress, silent

MODEL = "own_past"
_MARK = "# written by graphrisk demo --history"


def rate_by_own_past(project: Path, *, store: str | None = None, progress: Progress = silent) -> str:
    """Train a scorecard on the project's snapshots, rate the last one with it, name it in the settings; say how good.

    Where the past holds too few defaults to learn from, nothing is written, and the sentence says so. A settings file
    of somebody else's is left as it is.
    """
    from graphrisk.rating.training import Asked
    from graphrisk.ratings import RowSource, apply_to_snapshot, train_model

    source = RowSource(project=project.resolve(), store=store, progress=progress)
    try:
        trained = train_model(source, Asked(name=MODEL))
    except DataError as error:
        return f"No PD model was trained on its past: {error.args[0]}."
    apply_to_snapshot(source, MODEL)
    settings = project / CONFIG_FILE
    said = f'{CONFIG_FILE} has settings of your own: set model = "{MODEL}" under [ratings] to use it.'
    if not settings.exists() or settings.read_text(encoding="utf-8").startswith(_MARK):
        settings.write_text(f'{_MARK}\n[ratings]\nmodel = "{MODEL}"\n', encoding="utf-8", newline="\n")
        said = f"{CONFIG_FILE} names it, so contagion and portfolio take its PDs."
    row = trained.tables["rate_comparison"].iloc[0]
    learned = f"{trained.certificate['defaults']:,} defaults of its past"
    return f"A PD model, {MODEL}, was trained on {learned}: AUC {row['auc']:.3f}. {said}"


def forget_own_past(project: Path) -> None:
    """Remove the settings that a bank with a past had left, where a bank without one takes its place."""
    settings = project / CONFIG_FILE
    if settings.exists() and settings.read_text(encoding="utf-8").startswith(_MARK):
        settings.unlink()
