"""Which problems can the product report? Every code, in the order of their numbers.

PD0xx text, syntax and files, 1xx names, 2xx types, units and figures, 3xx splits, 4xx bands and
tables, 5xx exceptions, 6xx days, 7xx limits of a backend, 9xx our own mistakes.
"""

from __future__ import annotations

from policydsl.diagnostics.codes_backends import *  # noqa: F403
from policydsl.diagnostics.codes_backends import BACKEND_CODES
from policydsl.diagnostics.codes_batch import *  # noqa: F403
from policydsl.diagnostics.codes_batch import BATCH_CODES
from policydsl.diagnostics.codes_checks import *  # noqa: F403
from policydsl.diagnostics.codes_checks import CHECK_CODES
from policydsl.diagnostics.codes_cli import *  # noqa: F403
from policydsl.diagnostics.codes_cli import CLI_CODES
from policydsl.diagnostics.codes_document import *  # noqa: F403
from policydsl.diagnostics.codes_document import DOCUMENT_CODES
from policydsl.diagnostics.codes_ensure import *  # noqa: F403
from policydsl.diagnostics.codes_ensure import ENSURE_CODES
from policydsl.diagnostics.codes_flat import *  # noqa: F403
from policydsl.diagnostics.codes_flat import FLAT_CODES
from policydsl.diagnostics.codes_format import *  # noqa: F403
from policydsl.diagnostics.codes_format import FORMAT_CODES
from policydsl.diagnostics.codes_front import *  # noqa: F403
from policydsl.diagnostics.codes_front import FRONT_CODES
from policydsl.diagnostics.codes_prove import *  # noqa: F403
from policydsl.diagnostics.codes_prove import PROVE_CODES
from policydsl.diagnostics.codes_quotes import *  # noqa: F403
from policydsl.diagnostics.codes_quotes import QUOTE_CODES
from policydsl.diagnostics.codes_sets import *  # noqa: F403
from policydsl.diagnostics.codes_sets import SET_CODES
from policydsl.diagnostics.codes_sheets import *  # noqa: F403
from policydsl.diagnostics.codes_sheets import SHEET_CODES
from policydsl.diagnostics.codes_sql import *  # noqa: F403
from policydsl.diagnostics.codes_sql import SQL_CODES
from policydsl.diagnostics.model import Code

CODES: tuple[Code, ...] = tuple(
    sorted(
        (
            *FRONT_CODES,
            *FORMAT_CODES,
            *CHECK_CODES,
            *ENSURE_CODES,
            *PROVE_CODES,
            *BACKEND_CODES,
            *FLAT_CODES,
            *CLI_CODES,
            *DOCUMENT_CODES,
            *SET_CODES,
            *SHEET_CODES,
            *SQL_CODES,
            *BATCH_CODES,
            *QUOTE_CODES,
        ),
        key=lambda code: code.number,
    )
)


def find(number: str) -> Code | None:
    """The code of that number or name, however it is capitalised: `PD401`, `band_gap`."""
    wanted = number.upper()
    return next((c for c in CODES if wanted in (c.number, c.name)), None)
