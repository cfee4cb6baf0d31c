"""The model card: what a validator asks of a model, in the order in which it is asked, from what the model's file says.

Nothing is added by hand: purpose, data, exclusions, method, performance with intervals, calibration, stability, limits,
versions, log of changes. Source of the order: supervisory guidance on model risk management (Federal Reserve SR 26-2,
which takes the place of SR 11-7) and the ECB guide to internal models: chapters on data, PD, validation; our reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphrisk.rating.kinds import find_kind

FEW_DEFAULTS = 100
"""Defaults below which a card says that intervals are wide."""


def card_sections(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sections: title, lines of text, and a table (columns and rows) where there is one."""
    return [
        _purpose(model),
        _data(model),
        _exclusions(model),
        _method(model),
        _performance(model),
        _calibration(model),
        _stability(model),
        _limits(model),
        _versions(model),
        _changes(model),
    ]


def card_text(sections: Sequence[Mapping[str, Any]]) -> str:
    """Return the card as Markdown."""
    out = []
    for at, section in enumerate(sections):
        out.append(f"{'#' if at == 0 else '##'} {section['title']}\n")
        out += [f"{line}\n" for line in section["lines"]]
        if section.get("columns"):
            out.append("| " + " | ".join(section["columns"]) + " |")
            out.append("|" + "---|" * len(section["columns"]))
            out += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in section["rows"]]
            out.append("")
    return "\n".join(out).rstrip()


def _section(title: str, lines: Sequence[str], columns: Sequence[str] = (), rows: Sequence[Any] = ()) -> dict[str, Any]:
    return {"title": title, "lines": list(lines), "columns": list(columns), "rows": [list(row) for row in rows]}


def _purpose(model: Mapping[str, Any]) -> dict[str, Any]:
    label = find_kind(model["kind"]).LABEL[0]
    lines = [
        f"Model {model['name']}, a {label}: it ranks clients and gives each a probability of default within a year.",
        "Meant for: ranking and monitoring clients, expected loss, and the first defaults of contagion and portfolio "
        "(setting `[ratings] model`). Not meant for: decisions without a person, and clients unlike those of its data.",
    ]
    return _section(f"Model card: {model['name']}", lines)


def _data(model: Mapping[str, Any]) -> dict[str, Any]:
    data = model["data"]
    if not data["rows"]:
        return _section("Data", ["No data: the model is judgement, written down in a template."])
    days = f", from {data['from']} to {data['to']}" if data.get("from") else ""
    rate = data["defaults"] / data["rows"]
    lines = [
        f"{data['rows']:,} rows of {data['clients']:,} clients{days}, {data['defaults']:,} defaults ({rate:.2%}).",
        f"Source: {data['source']}; digest {data['fingerprint']}.",
        f"Columns used: {len(model['columns'])}.",
    ]
    return _section("Data", lines, ("column", "kind"), [(c["name"], c["kind"]) for c in model["columns"]])


def _exclusions(model: Mapping[str, Any]) -> dict[str, Any]:
    left = model.get("excluded", [])
    lines = [] if left else ["No column was left out by itself."]
    suspects = [one["column"] for one in model.get("leaks", [])]
    if suspects:
        lines.append(f"SUSPECTED OF KNOWING THE OUTCOME, and used: {', '.join(suspects)}. See when they are written.")
    return _section(
        "Exclusions", lines, ("column", "reason") if left else (), [(one["column"], one["reason"]) for one in left]
    )


def _method(model: Mapping[str, Any]) -> dict[str, Any]:
    kind, params = find_kind(model["kind"]), model.get("params", {})
    doc = " ".join((kind.__doc__ or "").split("Source:")[0].split())
    lines = [doc]
    if params.get("monotone"):
        lines.append("Risk may only rise or only fall with each column.")
    if params:
        lines.append(f"Seed {params.get('seed')}; one thread; rows in the order of their ids.")
    return _section("Method", lines)


def _performance(model: Mapping[str, Any]) -> dict[str, Any]:
    good = model.get("performance") or {}
    if good.get("auc") is None:
        return _section("Performance", ["Not measured: no outcomes were given."])
    folds = model.get("params", {}).get("folds")
    how = f"On {folds} test folds by client, each rated by a model of the others." if folds else "On the sample given."
    rows = [
        ("AUC", f"{good['auc']:.3f}", f"{good['auc_low']:.3f} to {good['auc_high']:.3f}"),
        ("Gini", f"{2 * good['auc'] - 1:.3f}", f"{2 * good['auc_low'] - 1:.3f} to {2 * good['auc_high'] - 1:.3f}"),
        ("KS", f"{good['ks']:.3f}", ""),
        ("average precision", f"{good['ap']:.3f}", ""),
        ("Brier", f"{good['brier']:.4f}", ""),
    ]
    return _section("Performance", [how], ("measure", "value", "95 % interval"), rows)


def _calibration(model: Mapping[str, Any]) -> dict[str, Any]:
    good = model.get("performance") or {}
    steps = [_step(step) for step in model.get("calibration", [])]
    lines = [f"Calibration: {'; '.join(steps) or 'none beyond the fit itself'}."]
    if good.get("mean_pd") is not None:
        lines.append(
            f"Mean PD {good['mean_pd']:.2%}, defaulted {good['default_rate']:.2%}; Hosmer-Lemeshow p "
            f"{_number(good['hosmer_lemeshow_p'])}, Spiegelhalter p {_number(good['spiegelhalter_p'])}, Jeffreys p "
            f"{_number(good['jeffreys_p'])} (small: PDs and defaults differ more than chance explains)."
        )
    rows = [
        (g["grade"], g["clients"], g["defaults"], _percent(g["mean_pd"]), _percent(g["default_rate"]),
         f"{_percent(g['low'])} to {_percent(g['high'])}" if g["clients"] else "", _number(g["jeffreys_p"]))
        for g in model.get("grades", [])
    ]  # fmt: skip
    columns = ("grade", "clients", "defaults", "mean PD", "defaulted", "95 % interval", "Jeffreys p")
    return _section("Calibration", lines, columns if rows else (), rows)


def _stability(model: Mapping[str, Any]) -> dict[str, Any]:
    kept = [name for name in model.get("stability", {}) if name != "pd"]
    lines = (
        [
            f"The distribution of the PD and of {len(kept)} columns is kept; `graphrisk validate {model['name']} "
            "--data FILE` compares a later population with it (PSI: below 0.10 stable, above 0.25 act)."
        ]
        if kept
        else ["Nothing is kept to compare a later population with."]
    )
    return _section("Stability", lines)


def _limits(model: Mapping[str, Any]) -> dict[str, Any]:
    data, good = model["data"], model.get("performance") or {}
    lines = []
    if data["rows"] and data["defaults"] < FEW_DEFAULTS:
        lines.append(f"{data['defaults']:,} defaults are few: the intervals are wide.")
    if data["rows"] and not data.get("from"):
        lines.append("The data has no days: how the model does in another year is not known.")
    p = good.get("hosmer_lemeshow_p")
    if p is not None and p < 0.05:
        lines.append("PDs and defaults differ over the range of PDs: calibrate before PDs are used as numbers.")
    if model.get("leaks"):
        lines.append("A column may know the outcome: the performance may be too good to be true.")
    if model["kind"] == "expert":
        lines.append("The weights and the PDs of its grades are judgement, not estimates.")
    lines.append("Not tested here: behaviour under stress, other countries and products than those of the data.")
    return _section("Limits", [f"- {line}" for line in lines])


def _versions(model: Mapping[str, Any]) -> dict[str, Any]:
    policy = model["policy"]
    return _section(
        "Versions", [f"graphrisk {model['code_version']}, policy {policy['name']} version {policy['version']}."]
    )


def _changes(model: Mapping[str, Any]) -> dict[str, Any]:
    rows = [(e["version"], e["kind"], e["data"][:12], e["code_version"]) for e in model.get("change_log", [])]
    return _section("Changes", [], ("version", "kind", "data", "graphrisk"), rows)


def _step(step: Mapping[str, Any]) -> str:
    if step["method"] == "prior":
        return f"moved from a default rate of {step['from']:.2%} to {step['to']:.2%}"
    if step["method"] == "pluto_tasche":
        return f"each grade has its most prudent PD (Pluto and Tasche) at a confidence of {step['confidence']:.0%}"
    return str(step["method"])


def _number(value: Any) -> str:
    return "not defined" if value is None else f"{value:.3f}"


def _percent(value: Any) -> str:
    return "" if value is None else f"{value:.2%}"


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
