"""The tables of `rate`: each declared once, as those of an analyzer."""

from __future__ import annotations

from graphrisk.model.table import Column, Table


def column(name: str, kind: str, meaning: str, unit: str = "", importance: int = 2) -> Column:
    """Return a column of a table of `rate` or `validate`."""
    return Column(name=name, kind=kind, meaning=meaning, unit=unit, importance=importance)  # type: ignore[arg-type]


_PARTY = Column(name="party_id", kind="id", meaning="the client", references="parties", importance=1)

COMPARISON = Table(
    name="rate_comparison",
    meaning="how good models are on rows that they have not seen",
    role="score",
    key=("model",),
    columns=(
        column("model", "id", "the model, or the kind of model that was tried", importance=1),
        column("kind", "category", "kind of model", importance=3),
        column("auc", "number", "chance that a default scores worse than another, mean over test folds", importance=1),
        column("auc_low", "number", "lower end of its 95 % interval", importance=1),
        column("auc_high", "number", "upper end", importance=1),
        column("ks", "number", "largest distance of the two score distributions, mean over test folds"),
        column("ap", "number", "average precision, mean over test folds"),
        column("brier", "number", "mean squared error of the PDs"),
        column("fit_s", "number", "seconds that one fit takes; null of a model read from its file", "seconds"),
        column("auc_gain", "number", "AUC more than that of the first model on the same rows", importance=3),
        column("gain_low", "number", "lower end of its 95 % interval", importance=3),
        column("gain_high", "number", "upper end", importance=3),
        column("mean_pd", "fraction", "mean PD", "fraction"),
        column("default_rate", "fraction", "part of the rows that defaulted", "fraction"),
        column("hosmer_lemeshow_p", "number", "p value of Hosmer and Lemeshow: small where PDs and defaults differ"),
        column("spiegelhalter_p", "number", "p value of Spiegelhalter's z, two-sided", importance=3),
        column("rows", "integer", "rows", importance=3),
        column("defaults", "integer", "defaults among them", importance=3),
    ),
)

LEAKS = Table(
    name="rate_leaks",
    meaning="columns that may know the outcome, suspected ones first",
    role="score",
    key=("column",),
    columns=(
        column("column", "id", "column of the sample", importance=1),
        column("auc_alone", "number", "AUC of the column by itself, out of sample", importance=1),
        column("auc_with", "number", "AUC of boosted trees with all columns; null where not tried"),
        column("auc_without", "number", "AUC of boosted trees without it and what repeats it", importance=1),
        column("suspected", "bool", "true where it is too good to be true", importance=1),
    ),
)

RATINGS = Table(
    name="rate_ratings",
    meaning="ratings by a model, as they are written to `ratings`",
    role="score",
    key=("party_id", "as_of_on"),
    columns=(
        _PARTY,
        column("as_of_on", "date", "day of the rating; null where the data says none"),
        column("model", "text", "the model", importance=3),
        column("pd", "fraction", "probability of default within a year", "fraction", importance=1),
        column("grade", "text", "grade on the master scale", importance=1),
        column("points", "number", "points on the scale of the policy: 600 at odds of 50 to 1, 20 more double them"),
        column("coverage", "fraction", "part of the model's columns in which the client has a value", "fraction"),
        column("source", "text", "how it was obtained", importance=3),
    ),
)

REASONS = Table(
    name="rate_reasons",
    meaning="what costs each client points, against the best bin of each factor",
    role="score",
    key=("party_id", "factor"),
    columns=(
        _PARTY,
        column("factor", "id", "column of the model", importance=1),
        column("points_lost", "number", "points of the best bin less those of the client's", importance=1),
        column("as_of_on", "date", "day of the rating; null where the data says none", importance=3),
        column("value", "text", "the client's bin in words"),
    ),
)

FACTORS = Table(
    name="rate_factors",
    meaning="what a model is made of: factors and, of a scorecard, their bins",
    role="score",
    key=("factor", "bin"),
    columns=(
        column("factor", "id", "column", importance=1),
        column("bin", "text", "values of the bin; null of a model without bins", importance=1),
        column("points", "number", "points of the bin", importance=1),
        column("woe", "number", "weight of evidence of the bin: ln(part of the goods / part of the bads)"),
        column("goods", "integer", "rows without default in the bin"),
        column("bads", "integer", "defaults in the bin"),
        column("iv", "number", "information value of the factor"),
        column("weight", "number", "coefficient, or how often trees divide by the factor"),
    ),
)

GRADES = Table(
    name="rate_grades",
    meaning="grades of the sample by PDs out of sample: what was expected and what came",
    role="score",
    key=("grade",),
    columns=(
        column("grade", "id", "grade", importance=1),
        column("clients", "integer", "rows", importance=1),
        column("defaults", "integer", "defaults", importance=1),
        column("mean_pd", "fraction", "mean PD", "fraction", importance=1),
        column("default_rate", "fraction", "part that defaulted; null where the grade is empty", "fraction"),
        column("low", "fraction", "lower end of the rate's 95 % interval (Jeffreys)", "fraction"),
        column("high", "fraction", "upper end", "fraction"),
        column("jeffreys_p", "number", "chance that the true rate is at most the mean PD: small where PDs are too low"),
        column(
            "prudent_pd",
            "fraction",
            "most prudent PD (Pluto and Tasche) at a confidence of 90 %; null where the sample has over 20 defaults",
            "fraction",
        ),
    ),
)

TABLES = (COMPARISON, LEAKS, RATINGS, REASONS, FACTORS, GRADES)
