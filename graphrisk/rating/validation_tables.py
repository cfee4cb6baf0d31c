"""The tables of `validate`."""

from __future__ import annotations

from graphrisk.model.table import Table
from graphrisk.rating.tables import column

MEASURES = Table(
    name="validate_measures",
    meaning="how well PDs tell defaults from the others, and whether they are as high as defaults are frequent",
    role="score",
    key=("model", "sample", "measure"),
    columns=(
        column("model", "id", "the model, or the column of PDs", importance=1),
        column("sample", "text", "the file, or the day of the ratings", importance=1),
        column("measure", "category", "auc, gini, ks, ap, brier, hosmer_lemeshow, spiegelhalter, binomial, jeffreys",
                importance=1),
        column("value", "number", "its value; of binomial and jeffreys the observed default rate", importance=1),
        column("low", "number", "lower end of its 95 % interval; null where it has none"),
        column("high", "number", "upper end"),
        column("p_value", "number", "p value: small where PDs and defaults differ more than chance explains"),
        column("verdict", "text", "what it says", importance=2),
    ),
)  # fmt: skip

GRADES = Table(
    name="validate_grades",
    meaning="predicted against actual, by grade of the master scale",
    role="score",
    key=("model", "sample", "grade"),
    columns=(
        column("model", "id", "the model", importance=3),
        column("sample", "text", "the file, or the day of the ratings", importance=3),
        column("grade", "id", "grade", importance=1),
        column("clients", "integer", "clients", importance=1),
        column("defaults", "integer", "defaults within a year", importance=1),
        column("mean_pd", "fraction", "mean PD", "fraction", importance=1),
        column("default_rate", "fraction", "part that defaulted", "fraction", importance=1),
        column("low", "fraction", "lower end of its 95 % interval (Jeffreys)", "fraction"),
        column("high", "fraction", "upper end", "fraction"),
        column("jeffreys_p", "number", "chance that the true rate is at most the mean PD: small where PDs are too low"),
        column("prudent_pd", "fraction", "most prudent PD (Pluto and Tasche), where few defaulted", "fraction"),
    ),
)

STABILITY = Table(
    name="validate_stability",
    meaning="how far a population has moved from the one that a model was trained on",
    role="score",
    key=("column",),
    columns=(
        column("column", "id", "pd, or a column of the model", importance=1),
        column("psi", "number", "population stability index", importance=1),
        column("band", "category", "stable below 0.10, shift up to 0.25, action above", importance=1),
    ),
)

NETWORK = Table(
    name="validate_network",
    meaning="does the network help: AUC of the same model with more and more features, on the same test rows",
    role="score",
    key=("horizon_months", "split", "kind", "features"),
    columns=(
        column("horizon_months", "integer", "defaults within so many months after the day are foretold", importance=1),
        column("split", "category", "random clients, whole communities, or later days", importance=1),
        column("kind", "category", "kind of model", importance=1),
        column("features", "category", "own, then with structure, neighbours' defaults, neighbours' attributes",
                importance=1),
        column("auc", "number", "AUC on rows not seen", importance=1),
        column("ap", "number", "average precision"),
        column("uplift", "number", "AUC more than with own features alone", importance=1),
        column("low", "number", "lower end of its 95 % interval, by a bootstrap of whole groups", importance=1),
        column("high", "number", "upper end", importance=1),
        column("verdict", "category", "helps, hurts or unclear", importance=1),
        column("columns", "integer", "columns", importance=3),
        column("rows", "integer", "rows", importance=3),
        column("defaults", "integer", "defaults", importance=3),
        column("groups", "integer", "groups that were drawn", importance=3),
    ),
)  # fmt: skip

GUARDS = Table(
    name="validate_guards",
    meaning="what the as-of guards found and left out",
    role="score",
    key=("as_of_on", "table", "guard"),
    columns=(
        column("as_of_on", "date", "the day at which clients were looked at", importance=1),
        column("table", "id", "table", importance=1),
        column(
            "guard", "category", "known_later (left out), known_before_it_happened (a fault), assumed (no day says)",
            importance=1,
        ),
        column("rows", "integer", "rows", importance=1),
    ),
)  # fmt: skip

OVERRIDES = Table(
    name="validate_overrides",
    meaning="what became of ratings that a person changed",
    role="score",
    key=("model", "direction"),
    columns=(
        column("model", "id", "the model", importance=1),
        column("direction", "category", "worse, better or kept", importance=1),
        column("clients", "integer", "clients", importance=1),
        column("share", "fraction", "part of all", "fraction"),
        column("defaults", "integer", "defaults", importance=1),
        column("mean_model_pd", "fraction", "mean PD of the model", "fraction"),
        column("mean_final_pd", "fraction", "mean PD after the change", "fraction"),
        column("default_rate", "fraction", "part that defaulted", "fraction", importance=1),
        column("auc_model", "number", "AUC of the model over all clients"),
        column("auc_final", "number", "AUC after the changes over all clients"),
    ),
)

TABLES = (MEASURES, GRADES, STABILITY, NETWORK, GUARDS, OVERRIDES)
