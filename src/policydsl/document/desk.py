"""What does everything that writes a part of the page have at hand?"""

from __future__ import annotations

from collections.abc import Mapping

from policydsl.document.curves import Answer
from policydsl.document.voice import Voice
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.model import Policy
from policydsl.nodes import Node, node


@node
class Desk(Node):
    """The policy, its program, the words of the page, who computes, and where everything stands on it."""

    policy: Policy
    program: Program
    voice: Voice
    answer: Answer
    anchors: Mapping[str, str]

    def value_of(self, key: str) -> Value:
        """The value of a definition that needs no fact; None where it needs one."""
        if self.program.definition(key).inputs:
            return None
        step = self.answer(self.program, {}, key)
        return None if step is None else step.value
