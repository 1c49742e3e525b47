"""What does a policy answer for one case, and how did it get there? The definition of meaning."""

from policydsl.interpret.evaluate import evaluate, problems
from policydsl.interpret.expressions import Environment, compute

__all__ = ["Environment", "compute", "evaluate", "problems"]
