"""The score tables of migration."""

from __future__ import annotations

from graphrisk.analyze.tables import real, share, whole
from graphrisk.model.columns import category, flag, text
from graphrisk.model.table import Table

COHORT, AALEN_JOHANSEN, DURATION, GIVEN, JLT, LOG = (
    "cohort", "aalen_johansen", "generator", "matrix", "jlt", "log_regularised",
)  # fmt: skip
ESTIMATORS = (COHORT, AALEN_JOHANSEN, DURATION, GIVEN, JLT, LOG)

GRADES = Table(
    name="migration_grades",
    meaning="each grade, the best first: what became of who was in it for a year (cohort; of a given matrix that)",
    role="score",
    key=("grade",),
    columns=(
        text("grade", "the grade"),
        whole("from_count", "client-years that began in it"),
        share("stays", "part that was still in it a year later"),
        share("better", "part that was in a better grade"),
        share("worse", "part that was in a worse grade, without default"),
        share("default", "part that was in default"),
        share("default_low", "least of the interval of that"),
        share("default_high", "most of the interval of that"),
        share("stated_pd", "median PD that the model states with it"),
        share("default_5y", "probability of default within five years, if each year is like these"),
        flag("small", "true where fewer client-years began in it than min_count"),
    ),
)
MATRIX = Table(
    name="migration_matrix",
    meaning="probability of each move over one to ten years; by estimator, years, then grades from the best",
    role="score",
    key=("estimator", "years", "from_grade", "to_grade"),
    columns=(
        text("from_grade", "grade at the start"),
        text("to_grade", "grade at the end; default absorbs"),
        whole("years", "years between"),
        share("probability", "probability of the move; null where the start, or a grade on the way, was never seen"),
        share("low", "least of its interval"),
        share("high", "most of its interval"),
        whole("count", "moves seen: of cohort over a year, of the others at any time"),
        category("estimator", "cohort: by state a year later; aalen_johansen: by events in the year; generator: by "
                 "time in each grade; matrix: given; jlt, log_regularised: generators of the cohort or given matrix",
                 *ESTIMATORS),
        whole("from_count", "client-years that began in the grade"),
        flag("small", "true where fewer client-years began in the grade than min_count"),
    ),
)  # fmt: skip
GENERATOR = Table(
    name="migration_generator",
    meaning="rates of the moves a year; by estimator, then grades from the best",
    role="score",
    key=("estimator", "from_grade", "to_grade"),
    columns=(
        text("from_grade", "grade left"),
        text("to_grade", "grade entered; the diagonal is less the sum of the others"),
        real("rate", "moves a year of a client in the grade; null where nobody spent time in it", "per year"),
        category("estimator", "generator: by time in each grade; jlt, log_regularised: of the one-year matrix",
                 DURATION, JLT, LOG),
    ),
)  # fmt: skip
THRESHOLDS = Table(
    name="migration_thresholds",
    meaning="asset returns below which a firm falls into a grade or worse within a year (CreditMetrics); by grades",
    role="score",
    key=("from_grade", "to_grade"),
    columns=(
        text("from_grade", "grade at the start"),
        text("to_grade", "it, or a worse one, is where the firm falls"),
        real("threshold", "standard deviations of the asset return; null where the probability is 0 or 1"),
    ),
)
TABLES = (GRADES, MATRIX, GENERATOR, THRESHOLDS)
