"""How does a policy become a page for people? For `doc`."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from policydsl import __version__
from policydsl.backends.python.digest import digests
from policydsl.diagnostics.model import Language
from policydsl.document import build, to_html
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.pipeline import Checked, run, test
from policydsl.runtime import PolicyError
from policydsl.trace import Step


def page(checked: Checked, language: Language) -> str:
    """A policy without errors as one HTML page for people, in Chinese or English."""
    policy, program = checked.policy, checked.program
    assert policy is not None and program is not None
    meaning, interface = digests(program)
    text = sha256(checked.source.text.encode()).hexdigest()
    made = build(
        policy,
        program,
        _computed,
        language,
        proved=[verdict.outcome == "proved" for verdict in checked.verdicts],
        passed=[result.passed for result in test(program)],
        digests={"meaning": meaning, "interface": interface, "text": f"sha256:{text}"},
        maker=f"policydsl {__version__}",
    )
    return to_html(made)


def _computed(program: Program, facts: Mapping[str, Value], output: str) -> Step | None:
    try:
        return run(program, facts, (output,)).step(output)
    except PolicyError:
        return None
