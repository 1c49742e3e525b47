"""Why is this the answer? Numbered steps with the clauses, and the author's choices apart from the law."""

from policydsl.explain.json import to_json
from policydsl.explain.steps import Explanation, explain
from policydsl.explain.text import to_text

__all__ = ["Explanation", "explain", "to_json", "to_text"]
