"""The SQL of a policy: one SELECT that computes its outputs for every row of a table, in four dialects."""

from policydsl.backends.sql.problems import TITLES, problems
from policydsl.backends.sql.shape import (
    DIALECTS,
    PROBLEM,
    PROBLEM_AT,
    SHAPES,
    Dialect,
    Field,
    Form,
    Result,
    Shape,
    fields,
    results,
)
from policydsl.backends.sql.statement import Kind, sql_text

__all__ = [
    "DIALECTS",
    "PROBLEM",
    "PROBLEM_AT",
    "SHAPES",
    "TITLES",
    "Dialect",
    "Field",
    "Form",
    "Kind",
    "Result",
    "Shape",
    "fields",
    "problems",
    "results",
    "sql_text",
]
