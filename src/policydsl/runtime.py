"""All that generated evaluators import: errors of case data, categories, exact conversions.

Standard library only. No state but constants, so everything here is thread-safe.
"""

from __future__ import annotations

from typing import Final, Literal

#: The version of this interface; a module generated for another one refuses to be imported.
API: Final = 1

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "PC101": ("{name} was not given", "没有提供“{name}”"),
    "PC102": ("there is no input {name}", "没有名为“{name}”的输入项"),
    "PC103": ("{name} must be {allowed}", "“{name}”应为{allowed}"),
    "PC104": ("{name} is outside {allowed}", "“{name}”超出范围{allowed}"),
    "PC105": ("{name} must be a multiple of {allowed}", "“{name}”应为{allowed}的整数倍"),
    "PC106": ("{name} must be one of {allowed}", "“{name}”应为以下之一：{allowed}"),
    "PC107": ("the facts contradict {allowed}", "所给情况与前提不符：{allowed}"),
    "PC108": ("the policy gives no answer here: {allowed}", "政策对此情形不作规定：{allowed}"),
    "PC109": ("{name} has too many digits", "“{name}”位数过多"),
}


class PolicyError(ValueError):
    """A fact of a case that an evaluator cannot take, or a case that has no answer.

    `code` is PC101 … PC109, `output` the evaluator, `name` the input, `value` what was given,
    `allowed` what is taken instead. The value stands in `message()` and never in `str(e)`, which
    goes to logs.
    """

    def __init__(self, code: str, output: str, name: str, value: object = None, allowed: str = "") -> None:
        super().__init__(code, output, name, value, allowed)
        self.code = code
        self.output = output
        self.name = name
        self.value = value
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[PolicyError], tuple[str, str, str, object, str]]:
        return type(self), (self.code, self.output, self.name, self.value, self.allowed)

    def _words(self, language: Literal["en", "zh"]) -> str:
        return _MESSAGES[self.code][language == "zh"].format(name=self.name, allowed=self.allowed)

    def __str__(self) -> str:
        return f"{self.code}: {self.output}: {self._words('en')}"

    def message(self, language: Literal["en", "zh"] = "en") -> str:
        """The whole error for the person who entered the case, the value included."""
        words = self._words(language)
        if self.value is None or self.code in ("PC101", "PC102", "PC107", "PC108"):
            return words
        shown = repr(self.value) if len(repr(self.value)) <= 80 else repr(self.value)[:77] + "…"
        return f"{words}，所给为{shown}" if language == "zh" else f"{words}; got {shown}"
