"""The tables of `rate`: each declared once, as those of an analyzer."""

from __future__ import annotations

from graphrisk.model.table import Column, Table


def _column(name: str, kind: str, meaning: str, unit: str = "", importance: int = 2) -> Column:
    return Column(name=name, kind=kind, meaning=meaning, unit=unit, importance=importance)  # type: ignore[arg-type]


_PARTY = Column(name="party_id", kind="id", meaning="the client", references="parties", importance=1)

COMPARISON = Table(
    name="rate_comparison",
    meaning="how good models are on rows that they have not seen",
    role="score",
    key=("model",),
    columns=(
        _column("model", "id", "the model, or the kind of model that was tried", importance=1),
        _column("kind", "category", "kind of model", importance=3),
        _column("auc", "number", "chance that a default scores worse than another, mean over test folds", importance=1),
        _column("auc_low", "number", "lower end of its 95 % interval", importance=1),
        _column("auc_high", "number", "upper end", importance=1),
        _column("ks", "number", "largest distance of the two score distributions, mean over test folds"),
        _column("ap", "number", "average precision, mean over test folds"),
        _column("brier", "number", "mean squared error of the PDs"),
        _column("fit_s", "number", "seconds that one fit takes; null of a model read from its file", "seconds"),
        _column("auc_gain", "number", "AUC more than that of the first model on the same rows", importance=3),
        _column("gain_low", "number", "lower end of its 95 % interval", importance=3),
        _column("gain_high", "number", "upper end", importance=3),
        _column("mean_pd", "fraction", "mean PD", "fraction"),
        _column("default_rate", "fraction", "part of the rows that defaulted", "fraction"),
        _column("hosmer_lemeshow_p", "number", "p value of Hosmer and Lemeshow: small where PDs and defaults differ"),
        _column("spiegelhalter_p", "number", "p value of Spiegelhalter's z, two-sided", importance=3),
        _column("rows", "integer", "rows", importance=3),
        _column("defaults", "integer", "defaults among them", importance=3),
    ),
)

LEAKS = Table(
    name="rate_leaks",
    meaning="columns that may know the outcome, suspected ones first",
    role="score",
    key=("column",),
    columns=(
        _column("column", "id", "column of the sample", importance=1),
        _column("auc_alone", "number", "AUC of the column by itself, out of sample", importance=1),
        _column("auc_with", "number", "AUC of boosted trees with all columns; null where not tried"),
        _column("auc_without", "number", "AUC of boosted trees without it and what repeats it", importance=1),
        _column("suspected", "bool", "true where it is too good to be true", importance=1),
    ),
)

RATINGS = Table(
    name="rate_ratings",
    meaning="ratings by a model, as they are written to `ratings`",
    role="score",
    key=("party_id", "as_of_on"),
    columns=(
        _PARTY,
        _column("as_of_on", "date", "day of the rating; null where the data says none"),
        _column("model", "text", "the model", importance=3),
        _column("pd", "fraction", "probability of default within a year", "fraction", importance=1),
        _column("grade", "text", "grade on the master scale", importance=1),
        _column("points", "number", "points on the scale of the policy: 600 at odds of 50 to 1, 20 more double them"),
        _column("coverage", "fraction", "part of the model's columns in which the client has a value", "fraction"),
        _column("source", "text", "how it was obtained", importance=3),
    ),
)

REASONS = Table(
    name="rate_reasons",
    meaning="what costs each client points, against the best bin of each factor",
    role="score",
    key=("party_id", "factor"),
    columns=(
        _PARTY,
        _column("factor", "id", "column of the model", importance=1),
        _column("points_lost", "number", "points of the best bin less those of the client's", importance=1),
        _column("as_of_on", "date", "day of the rating; null where the data says none", importance=3),
        _column("value", "text", "the client's bin in words"),
    ),
)

FACTORS = Table(
    name="rate_factors",
    meaning="what a model is made of: factors and, of a scorecard, their bins",
    role="score",
    key=("factor", "bin"),
    columns=(
        _column("factor", "id", "column", importance=1),
        _column("bin", "text", "values of the bin; null of a model without bins", importance=1),
        _column("points", "number", "points of the bin", importance=1),
        _column("woe", "number", "weight of evidence of the bin: ln(part of the goods / part of the bads)"),
        _column("goods", "integer", "rows without default in the bin"),
        _column("bads", "integer", "defaults in the bin"),
        _column("iv", "number", "information value of the factor"),
        _column("weight", "number", "coefficient, or how often trees divide by the factor"),
    ),
)

GRADES = Table(
    name="rate_grades",
    meaning="grades of the sample by PDs out of sample: what was expected and what came",
    role="score",
    key=("grade",),
    columns=(
        _column("grade", "id", "grade", importance=1),
        _column("clients", "integer", "rows", importance=1),
        _column("defaults", "integer", "defaults", importance=1),
        _column("mean_pd", "fraction", "mean PD", "fraction", importance=1),
        _column("default_rate", "fraction", "part that defaulted; null where the grade is empty", "fraction"),
        _column("low", "fraction", "lower end of the rate's 95 % interval (Jeffreys)", "fraction"),
        _column("high", "fraction", "upper end", "fraction"),
        _column(
            "jeffreys_p", "number", "chance that the true rate is at most the mean PD: small where PDs are too low"
        ),
        _column(
            "prudent_pd",
            "fraction",
            "most prudent PD (Pluto and Tasche) at a confidence of 90 %; null where the sample has over 20 defaults",
            "fraction",
        ),
    ),
)

TABLES = (COMPARISON, LEAKS, RATINGS, REASONS, FACTORS, GRADES)
