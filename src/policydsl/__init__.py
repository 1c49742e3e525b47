"""A policy language whose files read beside the notice: check them, ask them, compile them.

    import policydsl

    policy = policydsl.load("policies/ningxia/2020.pol")
    policy.evaluate("payout", cost="150000", city="guyuan", group="rural_poor", disease="major")

Importing this costs next to nothing; the compiler is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policydsl.api import Grounds, Parts, Policy, PolicyFileError, load
    from policydsl.bulk import Columns, RowsError, columns
    from policydsl.policyset import InForce, NotInForce, PolicySet
    from policydsl.runtime import PolicyError

__version__ = "1.0.0"

__all__ = [
    "Columns",
    "Grounds",
    "InForce",
    "NotInForce",
    "Parts",
    "Policy",
    "PolicyError",
    "PolicyFileError",
    "PolicySet",
    "RowsError",
    "__version__",
    "columns",
    "load",
]


def __getattr__(name: str) -> object:
    if name == "PolicyError":
        from policydsl.runtime import PolicyError

        return PolicyError
    if name in ("Columns", "RowsError", "columns"):
        from policydsl import bulk

        return getattr(bulk, name)
    if name in ("InForce", "NotInForce", "PolicySet"):
        from policydsl import policyset

        return getattr(policyset, name)
    if name in __all__:
        from policydsl import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
