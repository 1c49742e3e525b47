"""What can be said of a policy beyond its problems? For `check --verbose` and `check --notches`."""

from __future__ import annotations

from policydsl.citations.check import rises
from policydsl.diagnostics.model import Diagnostic
from policydsl.pipeline import Checked
from policydsl.prove import notch_notes, report, split_notes
from policydsl.related import assumptions


def remarks(checked: Checked) -> tuple[Diagnostic, ...]:
    """What can be said of a policy without errors beyond its problems: how its splits round at any
    total, and which properties are proved."""
    if checked.program is None:
        return ()
    risen = () if checked.file is None else rises(checked.file)
    proved = [remark for verdict in checked.verdicts if (remark := report.remark(verdict)) is not None]
    notes = checked.notes
    if checked.whole is None and checked.policy is not None:
        notes = (*notes, *assumptions(checked.policy))
    return (*split_notes.notes(checked.program), *proved, *risen, *notes)


def notches(checked: Checked) -> tuple[Diagnostic, ...]:
    """Where the outputs of a policy without errors leap, fall, or take more than all of an amount."""
    if checked.program is None or checked.policy is None:
        return ()
    return tuple(notch_notes.notes(checked.program, checked.policy.accepts))
