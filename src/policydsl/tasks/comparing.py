"""What changed from one policy to another? For `diff`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from policydsl import difference
from policydsl.difference.cases import counted, lacking
from policydsl.difference.page import to_html
from policydsl.difference.told import as_json, lines
from policydsl.differences import Answers, Comparison, Incompatible
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.nodes import evolve
from policydsl.pipeline import Checked, meaning, run
from policydsl.prove.answers import answers as proved_answers
from policydsl.runtime import PolicyError
from policydsl.sets.references import folded

__all__ = ["answer", "answers", "as_json", "compare", "interface", "lines", "to_html", "with_tallies"]


def compare(old: Checked, new: Checked, outputs: Collection[str] | None = None) -> Comparison:
    """All that differs between two policies without errors: what they declare, and what they answer to every
    input; with `outputs` only these are compared."""
    assert old.policy is not None and new.policy is not None
    assert old.program is not None and new.program is not None
    found = tuple(a for a in answers(old.program, new.program) if outputs is None or a.key in outputs)
    same = meaning(old.program) == meaning(new.program)
    return Comparison(
        old.program, new.program, tuple(difference.declared(old.policy, new.policy, folded)), found, same
    )


def answers(old: Program, new: Program) -> Iterator[Answers]:
    """What becomes of each output from one policy to another, for all inputs; a person who is named as an
    example was computed first."""
    return proved_answers(old, new, answer)


def answer(program: Program, output: str, facts: Mapping[str, Value], part: str | None = None) -> Value:
    """An output, or a part of it, in one case; None where the policy has no answer, or refuses the facts."""
    try:
        step = run(program, facts, (output,)).step(output)
    except PolicyError:
        return None
    found = step.value if part is None else step.part(part)
    assert not isinstance(found, tuple)
    return found


def with_tallies(
    comparison: Comparison, rows: Sequence[Mapping[str, str]], heads: Sequence[str], by: Sequence[str]
) -> Comparison:
    """The same with these people counted, each a row of texts under `heads`: who gains and who loses."""
    tallies = counted(comparison, rows, heads, by, answer)
    return evolve(comparison, counted=tallies, by=tuple(by), lacking=lacking(comparison, heads))


def interface(old: Program, new: Program) -> tuple[Incompatible, ...]:
    """What a program that calls the old policy's evaluators meets in the new one's."""
    return tuple(difference.interface(old, new))
