"""The compiler on one page: text → tokens → ast → model → checked model → ir → answers.

Nothing below this module knows the order of the passes, and nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policydsl.diagnostics.model import Diagnostic
from policydsl.ir import Program
from policydsl.model import Policy
from policydsl.nodes import Node, node
from policydsl.source import Source

if TYPE_CHECKING:
    from policydsl.examples import ExampleResult
    from policydsl.expressions import Value
    from policydsl.runtime import PolicyError
    from policydsl.trace import Trace


@node
class Checked(Node):
    """What became of one text: its diagnostics in order, and as much of it as was reached.

    `policy` is None when the text has syntax errors or names that do not resolve; `program` is
    None when any check found an error.
    """

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    policy: Policy | None = None
    program: Program | None = None


def check(source: Source) -> Checked:
    """Read and check one policy."""
    raise NotImplementedError


def run(program: Program, facts: Mapping[str, Value], outputs: Sequence[str]) -> Trace:
    """The answers to one case and what they came from. Raises PolicyError for what is wrong with the case."""
    from policydsl.interpret import evaluate

    return evaluate(program, facts, outputs)


def problems(program: Program, facts: Mapping[str, Value], outputs: Sequence[str]) -> tuple[PolicyError, ...]:
    """All that is wrong with the facts of a case for these outputs, missing ones included."""
    from policydsl.interpret import problems

    return problems(program, facts, outputs)


def test(program: Program) -> tuple[ExampleResult, ...]:
    """What became of each example of the policy, in the order of the text."""
    from policydsl.examples import run_examples

    return tuple(run_examples(program))
