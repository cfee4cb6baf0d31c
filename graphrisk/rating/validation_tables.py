"""The tables of `validate`."""

from __future__ import annotations

from graphrisk.model.table import Column, Table


def _column(name: str, kind: str, meaning: str, unit: str = "", importance: int = 2) -> Column:
    return Column(name=name, kind=kind, meaning=meaning, unit=unit, importance=importance)  # type: ignore[arg-type]


MEASURES = Table(
    name="validate_measures",
    meaning="how well PDs tell defaults from the others, and whether they are as high as defaults are frequent",
    role="score",
    key=("model", "sample", "measure"),
    columns=(
        _column("model", "id", "the model, or the column of PDs", importance=1),
        _column("sample", "text", "the file, or the day of the ratings", importance=1),
        _column("measure", "category", "auc, gini, ks, ap, brier, hosmer_lemeshow, spiegelhalter, binomial, jeffreys",
                importance=1),
        _column("value", "number", "its value; of binomial and jeffreys the observed default rate", importance=1),
        _column("low", "number", "lower end of its 95 % interval; null where it has none"),
        _column("high", "number", "upper end"),
        _column("p_value", "number", "p value: small where PDs and defaults differ more than chance explains"),
        _column("verdict", "text", "what it says", importance=2),
    ),
)  # fmt: skip

GRADES = Table(
    name="validate_grades",
    meaning="predicted against actual, by grade of the master scale",
    role="score",
    key=("model", "sample", "grade"),
    columns=(
        _column("model", "id", "the model", importance=3),
        _column("sample", "text", "the file, or the day of the ratings", importance=3),
        _column("grade", "id", "grade", importance=1),
        _column("clients", "integer", "clients", importance=1),
        _column("defaults", "integer", "defaults within a year", importance=1),
        _column("mean_pd", "fraction", "mean PD", "fraction", importance=1),
        _column("default_rate", "fraction", "part that defaulted", "fraction", importance=1),
        _column("low", "fraction", "lower end of its 95 % interval (Jeffreys)", "fraction"),
        _column("high", "fraction", "upper end", "fraction"),
        _column(
            "jeffreys_p", "number", "chance that the true rate is at most the mean PD: small where PDs are too low"
        ),
        _column("prudent_pd", "fraction", "most prudent PD (Pluto and Tasche), where few defaulted", "fraction"),
    ),
)

STABILITY = Table(
    name="validate_stability",
    meaning="how far a population has moved from the one that a model was trained on",
    role="score",
    key=("column",),
    columns=(
        _column("column", "id", "pd, or a column of the model", importance=1),
        _column("psi", "number", "population stability index", importance=1),
        _column("band", "category", "stable below 0.10, shift up to 0.25, action above", importance=1),
    ),
)

NETWORK = Table(
    name="validate_network",
    meaning="does the network help: AUC of the same model with more and more features, on the same test rows",
    role="score",
    key=("split", "kind", "features"),
    columns=(
        _column("split", "category", "random clients, whole communities, or later days", importance=1),
        _column("kind", "category", "kind of model", importance=1),
        _column("features", "category", "own, then with structure, neighbours' defaults, neighbours' attributes",
                importance=1),
        _column("auc", "number", "AUC on rows not seen", importance=1),
        _column("ap", "number", "average precision"),
        _column("uplift", "number", "AUC more than with own features alone", importance=1),
        _column("low", "number", "lower end of its 95 % interval, by a bootstrap of whole groups", importance=1),
        _column("high", "number", "upper end", importance=1),
        _column("verdict", "category", "helps, hurts or unclear", importance=1),
        _column("columns", "integer", "columns", importance=3),
        _column("rows", "integer", "rows", importance=3),
        _column("defaults", "integer", "defaults", importance=3),
        _column("groups", "integer", "groups that were drawn", importance=3),
    ),
)  # fmt: skip

GUARDS = Table(
    name="validate_guards",
    meaning="what the as-of guards found and left out",
    role="score",
    key=("as_of_on", "table", "guard"),
    columns=(
        _column("as_of_on", "date", "the day at which clients were looked at", importance=1),
        _column("table", "id", "table", importance=1),
        _column(
            "guard", "category", "known_later (left out), known_before_it_happened (a fault), assumed (no day says)",
            importance=1,
        ),
        _column("rows", "integer", "rows", importance=1),
    ),
)  # fmt: skip

OVERRIDES = Table(
    name="validate_overrides",
    meaning="what became of ratings that a person changed",
    role="score",
    key=("model", "direction"),
    columns=(
        _column("model", "id", "the model", importance=1),
        _column("direction", "category", "worse, better or kept", importance=1),
        _column("clients", "integer", "clients", importance=1),
        _column("share", "fraction", "part of all", "fraction"),
        _column("defaults", "integer", "defaults", importance=1),
        _column("mean_model_pd", "fraction", "mean PD of the model", "fraction"),
        _column("mean_final_pd", "fraction", "mean PD after the change", "fraction"),
        _column("default_rate", "fraction", "part that defaulted", "fraction", importance=1),
        _column("auc_model", "number", "AUC of the model over all clients"),
        _column("auc_final", "number", "AUC after the changes over all clients"),
    ),
)

TABLES = (MEASURES, GRADES, STABILITY, NETWORK, GUARDS, OVERRIDES)
