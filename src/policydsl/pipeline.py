"""The compiler on one page: text → tokens → ast → model → checked model → ir → answers.

Nothing below this module knows the order of the passes, and nothing here opens a file.
"""

from __future__ import annotations

from policydsl.diagnostics.model import Diagnostic
from policydsl.ir import Program
from policydsl.model import Policy
from policydsl.nodes import Node, node
from policydsl.source import Source


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
