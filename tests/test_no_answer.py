"""Can a policy without errors leave a case without an answer? Policies written to trick the checks: what is wrong
with each is worked out by hand, and those with nothing wrong answer every case there is."""

from __future__ import annotations

import pytest

from brute import every_case
from policydsl import pipeline
from policydsl.diagnostics.model import is_error
from policydsl.lower import lower
from policydsl.resolve import resolve
from policydsl.runtime import PolicyError
from policydsl.source import Source

COST = "input cost: money in whole 元 in 0元 .. 20元\n"
OTHER = "input other: money in whole 元 in 0元 .. 5元\n"
GROUP = "category group: ga, gb, gc\n"
MARKS = "category status: sa, sb, sc\ninput marks: set of status\n"
AGE = "input age: years in 0年 .. 30年\n"
STAYS = "input stays: cases in 0 .. 3\n"
FLAG = "input flag: yes_no\n"
JOINED = "input joined: date in 2021-02-25 .. 2021-03-05\n"
GONE = "input gone: optional date in 2021-02-26 .. 2021-03-02\n"

#: what is wrong: the code that says so, and why it is so
WRONG: dict[str, tuple[str, str]] = {
    # tables of ranges
    "18 is in neither row": (
        "PD430",
        AGE + "table p: money by age\n | age (年) | p (元) |\n | below 18 | 1 |\n | over 18 | 2 |\n",
    ),
    "18 is in both rows": (
        "PD431",
        AGE + "table p: money by age\n | age (年) | p (元) |\n | up to 18 | 1 |\n | 18 and over | 2 |\n",
    ),
    "30 years can be, and the table ends below": (
        "PD430",
        AGE + "table p: money by age\n | age (年) | p (元) |\n | below 18 | 1 |\n | from 18 below 30 | 2 |\n",
    ),
    "a bound that another table gives leaves 3元 out for gb": (
        "PD430",
        COST
        + GROUP
        + "table line: money by group\n | group | line (元) |\n | ga | 2 |\n | gb | 3 |\n | gc | 2 |\n"
        "table p: money by cost\n | cost (元) | p (元) |\n | below line | 1 |\n | over line | 2 |\n | 2-2 | 3 |\n",
    ),
    "a bound that an input gives is below the row before it": (
        "PD430",
        COST
        + OTHER
        + "table p: money by cost\n | cost (元) | p (元) |\n | up to other | 1 |\n | over 5 | 2 |\n",
    ),
    "a row for two members of three": (
        "PD430",
        GROUP
        + AGE
        + "table p: money by group, age\n | group | age (年) | p (元) |\n | ga, gb | any | 1 |\n | gc | over 0 | 2 |\n",
    ),
    "two rows of one member that meet at 5 years": (
        "PD431",
        GROUP
        + AGE
        + "table p: money by group, age\n | group | age (年) | p (元) |\n | any | up to 5 | 1 |\n | ga, gb | over 5 | 2 |\n"
        " | gc | 5 and over | 3 |\n",
    ),
    "an amount below zero that a difference makes": (
        "PD430",
        COST
        + "rule left = cost - 5元\ntable p: money by left\n | left (元) | p (元) |\n | from 0 up to 20 | 1 |\n",
    ),
    "half a yuan between two rows of whole yuan": (
        "PD430",
        COST
        + "rule half = cost × 50%\ntable p: money by half\n | half (元) | p (元) |\n | 0-4 | 1 |\n | 5 and over | 2 |\n",
    ),
    "a count is not looked up above 3": (
        "PD430",
        "input stays: cases in 0 .. 4\ntable p: money by stays\n | stays (次) | p (元) |\n | 0-1 | 1 |\n | 2-3 | 2 |\n",
    ),
    "the greatest of rows that none may meet": (
        "PD430",
        COST
        + "table p: money, greatest by cost\n | cost (元) | p (元) |\n | up to 5 | 1 |\n | from 7 | 2 |\n",
    ),
    "the first row that holds, and none holds at 6元": (
        "PD430",
        COST
        + "table p: money, first by cost\n | cost (元) | p (元) |\n | up to 5 | 1 |\n | over 6 | 2 |\n | up to 3 | 3 |\n",
    ),
    "a day before the first row": (
        "PD430",
        JOINED + "table p: money by joined\n | joined | p (元) |\n | from 2021-03-01 | 1 |\n",
    ),
    # bands
    "the bound of a band moves across the next with the group": (
        "PD406",
        COST
        + GROUP
        + "table line: money by group\n | group | line (元) |\n | ga | 2 |\n | gb | 12 |\n | gc | 2 |\n"
        "tiers p of cost, marginal\n | cost (元) | x (%) |\n | line-10 | 50 |\n | over 10 | 60 |\n",
    ),
    "the bound of a band moves across the next with an amount": (
        "PD407",
        COST
        + OTHER
        + "tiers p of cost, marginal\n | cost (元) | x (%) |\n | other-4 | 50 |\n | over 4 | 60 |\n",
    ),
    "a slab begins at a deductible": (
        "PD411",
        COST + "tiers p of cost, slab\n | cost (元) | x (元) |\n | over 5 to 10 | 1 |\n | over 10 | 2 |\n",
    ),
    "a slab of what can be below zero": (
        "PD411",
        COST
        + "rule left = cost - 5元\ntiers p of left, slab\n | left (元) | x (元) |\n | up to 10 | 1 |\n | over 10 | 2 |\n",
    ),
    "a slab that ends below the greatest amount": (
        "PD408",
        COST + "tiers p of cost, slab\n | cost (元) | x (元) |\n | up to 10 | 1 |\n | over 10 to 19 | 2 |\n",
    ),
    "a slab that ends below what two amounts make": (
        "PD408",
        COST
        + OTHER
        + "rule both = cost + other\ntiers p of both, slab\n | both (元) | x (元) |\n | up to 10 | 1 |\n | over 10 to 24 | 2 |\n",
    ),
    "a cap that no band holds": (
        "PD411",
        COST
        + "given cost >= 3元\ntiers p of cost, slab\n | cost (元) | x (元) |\n | 3-10 | 1 |\n | over 10 | 2 |\n cap 2元\n",
    ),
    "a cap between two bands of even amounts": (
        "PD401",
        COST
        + "rule even = cost\n round down to 2元\ntiers p of even, slab\n | even (元) | x (元) |\n | up to 4 | 1 |\n | from 6 | 2 |\n cap 5元\n",
    ),
    "a straight line that ends at 10元": (
        "PD408",
        COST
        + "tiers p of cost, interpolated\n | cost (元) | x (元) |\n | 0-0 | 1 |\n | 10-10 | 2 |\n round half up to 0.01元\n",
    ),
    "a straight line that begins at 1元": (
        "PD411",
        COST
        + "tiers p of cost, interpolated\n | cost (元) | x (元) |\n | 1-1 | 1 |\n | 20-20 | 2 |\n round half up to 0.01元\n",
    ),
    "a straight line with one point twice": (
        "PD405",
        COST
        + "tiers p of cost, interpolated\n | cost (元) | x (元) |\n | 0-0 | 1 |\n | 10-10 | 2 |\n | 10-10 | 3 |\n | 20-20 | 4 |\n round half up to 0.01元\n",
    ),
    "no column for gc": (
        "PD419",
        COST
        + GROUP
        + "tiers p of cost, marginal, by group\n | cost (元) | ga (%) | gb (%) |\n | 0 and over | 50 | 60 |\n round half up to 0.01元\n",
    ),
    "a first band that ends below zero": (
        "PD404",
        "input cost: money in whole 元 in -5元 .. 5元\ntiers p of cost, marginal\n | cost (元) | x (%) |\n | up to -1元 | 50 |\n | over -1元 | 60 |\n round half up to 0.01元\n",
    ),
    # grounds
    "two grounds of a date and of a set": (
        "PD501",
        JOINED
        + MARKS
        + "rule p = 0元\n except a when joined >= 2021-03-01: 1元\n except b when marks has sa: 2元\n",
    ),
    "two periods that share their last and first day": (
        "PD501",
        JOINED
        + "rule p = 0元\n except a when joined within 3天 after 2021-02-25: 1元\n except b when joined within 3天 after 2021-02-28: 2元\n",
    ),
    "one month after 31 January and 28 February": (
        "PD501",
        JOINED
        + "rule p = 0元\n except a when joined within 1个月 after 2021-01-31: 1元\n except b when joined >= 2021-02-28: 2元\n",
    ),
    "two ranges of an amount that meet in 7元": (
        "PD501",
        COST + "rule p = 0元\n except a when cost up to 7元: 1元\n except b when cost from 7元: 2元\n",
    ),
    "amounts of two inputs that are equal": (
        "PD501",
        COST + OTHER + "rule p = 0元\n except a when cost <= other: 1元\n except b when cost >= other: 2元\n",
    ),
    "two members of one set, and sets hold several": (
        "PD501",
        MARKS
        + "rule p = 0元\n except a when marks has sa: 1元\n except b when marks has any of (sb, sc): 2元\n",
    ),
    "what another rule says of the same amount": (
        "PD501",
        COST
        + "rule dear when cost over 10元\nrule p = 0元\n except a when dear: 1元\n except b when cost is 11元: 2元\n",
    ),
    "grounds within a ground": (
        "PD501",
        COST
        + FLAG
        + "rule p = 0元\n except a when flag: 1元\n except a.x when cost > 3元: 2元\n except a.y when cost < 5元: 3元\n",
    ),
    "values that are equal but for one amount": (
        "PD501",
        COST
        + "rule p = 0元\n except a when cost >= 10元: cost\n except b when cost >= 12元: greater of (cost, 15元)\n",
    ),
    # divisions
    "a count that can be zero": (
        "PD257",
        COST + STAYS + "rule p = cost ÷ stays\n round half up to 0.01元\n",
    ),
    "a difference of two amounts that can be zero": (
        "PD257",
        COST + OTHER + "rule p = cost ÷ (cost - other) × 1元\n round half up to 0.01元\n",
    ),
    "a rounded amount that can be zero": (
        "PD257",
        COST
        + OTHER
        + "rule tens = cost\n round half up to 10元\nrule p = other ÷ tens × 1元\n round half up to 0.01元\n",
    ),
    "a rate that a table gives for one member": (
        "PD257",
        COST
        + GROUP
        + "table q: rate by group\n | group | q (%) |\n | ga | 50 |\n | gb, gc | 0 |\nrule p = cost ÷ q\n round half up to 0.01元\n",
    ),
    "the test for zero is in the other branch": (
        "PD257",
        COST
        + OTHER
        + "rule p = if other is 0元 then cost ÷ other × 1元 else 0元\n round half up to 0.01元\n",
    ),
    # facts that may not exist
    "read where it may not exist": (
        "PD206",
        GONE + "rule p = 0元\n except a when gone > 2021-02-27: 1元\n",
    ),
    "read on the wrong side of or": (
        "PD206",
        GONE + FLAG + "rule p when has gone or gone > 2021-02-27\n",
    ),
    # splits
    "26元 + 90元 of what is not 116元 for every total": (
        "PD304",
        "input total: money in whole 元 in 115元 .. 117元\nsplit f of total\n x 26元, y 90元\n",
    ),
    "a rest below zero": (
        "PD307",
        "input total: money in whole 元 in 0元 .. 30元\nsplit f of total\n x 26元, y rest\n",
    ),
    "a rest of what is always nothing": (
        "PD307",
        COST + "rule nothing = cost × 0%\nsplit f of nothing\n x 1元, y rest\n",
    ),
    "a rest of what has no least amount": (
        "PD307",
        "input total: money in whole 元 in 0元 .. 30元\ninput more: money in whole 元\nrule left = total - more\n"
        "split f of left\n x 1元, y rest\n",
    ),
    "a holder that the others leave less than nothing": (
        "PD307",
        "input total: money in whole 元 in 0元 .. 30元\nsplit f of total\n x 30%, y 30%, z 40%\n round up to 1元, remainder to z\n",
    ),
    "no arm for gc": (
        "PD308",
        "input total: money in whole 元 in 0元 .. 30元\n"
        + GROUP
        + "split f of total by group\n ga: x all\n gb: y all\n",
    ),
    # givens
    "nobody satisfies the givens": (
        "PD550",
        COST + "given cost > 5元\ngiven cost < 6元\nrule p = cost\n",
    ),
}

RIGHT = {
    "rows that meet at 18": AGE
    + "table p: money by age\n | age (年) | p (元) |\n | below 18 | 1 |\n | 18 and over | 2 |\n",
    "bounds of whole years without a gap": AGE
    + "table p: money by age\n | age (年) | p (元) |\n | 0-17 | 1 |\n | 18-30 | 2 |\n",
    "a gap that a given rules out": COST
    + "given cost is not 6元\ntable p: money by cost\n | cost (元) | p (元) |\n | up to 5 | 1 |\n | over 6 | 2 |\n",
    "a gap between amounts that there are not": COST
    + "rule even = cost\n round down to 2元\ntable p: money by even\n | even (元) | p (元) |\n | 0-4 | 1 |\n | from 6 | 2 |\n",
    "rows that overlap and agree": COST
    + "table p: money by cost\n | cost (元) | p (元) |\n | up to 9 | 1 |\n | from 5 up to 12 | 1 |\n | over 12 | 2 |\n",
    "a bound that another table gives": COST
    + GROUP
    + "table line: money by group\n | group | line (元) |\n | ga | 2 |\n | gb | 3 |\n | gc | 0 |\n"
    "table p: money by cost\n | cost (元) | p (元) |\n | up to line | 1 |\n | over line | 2 |\n",
    "the bound of a band moves up to the next and not across": COST
    + GROUP
    + "table line: money by group\n | group | line (元) |\n | ga | 2 |\n | gb | 10 |\n | gc | 0 |\n"
    "tiers p of cost, marginal\n | cost (元) | x (%) |\n | line-10 | 50 |\n | over 10 | 60 |\n",
    "grounds that share no day": JOINED
    + "rule p = 0元\n except a when joined within 3天 after 2021-02-25: 1元\n except b when joined within 3天 after 2021-03-01: 2元\n",
    "grounds that a given keeps apart": FLAG
    + MARKS
    + "given not flag when marks has sa\nrule p = 0元\n except a when flag: 1元\n except b when marks has sa: 2元\n",
    "grounds that overlap and give the same": COST
    + "rule p = 0元\n except a when cost >= 10元: cost\n except b when cost >= 12元: greater of (cost, 11元)\n",
    "a divisor that was tested": COST
    + STAYS
    + "rule p = if stays > 0 then cost ÷ stays else 0元/次\n round half up to 0.01元/次\n",
    "a divisor at least 1元": COST
    + STAYS
    + "rule most = stays\n at least 1次\nrule p = cost ÷ most\n round half up to 0.01元/次\n",
    "a fact that is read where it exists": GONE
    + JOINED
    + "rule p = 0元\n except a when has gone and joined within 1个月 after gone: 1元\n",
    "a slab whose cap the last band holds": COST
    + 'tiers p of cost, slab\n | cost (元) | x (元) |\n | up to 10 | 1 |\n | over 10 up to 15 | 2 |\n cap 15元\naccept notch p because "x"\n',
    "a straight line between the ends of the range": COST
    + "tiers p of cost, interpolated\n | cost (元) | x (元) |\n | 0-0 | 1 |\n | 20-20 | 2 |\n round half up to 0.01元\n",
    "a rest that is never below zero": "input total: money in whole 元 in 26元 .. 30元\nsplit f of total\n x 26元, y rest\n",
    "two keys whose ranges make a grid": COST
    + AGE
    + "table p: money by cost, age\n | cost (元) | age (年) | p (元) |\n | up to 10 | below 18 | 1 |\n"
    " | over 10 | below 18 | 2 |\n | any | 18 and over | 3 |\n",
}


#: what these codes say is that a case has no answer
NO_ANSWER = {"PD430", "PD401", "PD408", "PD411", "PD257"}


def errors(text: str) -> set[str]:
    return {d.code.number for d in pipeline.check(Source("p.pol", text)).diagnostics if is_error(d)}


def unanswered(text: str) -> int:
    """How many cases have a value that is not there."""
    policy, _ = resolve(pipeline.read(Source("p.pol", text))[0])
    assert policy is not None
    cases = every_case(lower(policy))
    assert cases
    return sum(any(isinstance(step, PolicyError) for step in case.steps.values()) for case in cases)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_an_error(name: str) -> None:
    code, policy = WRONG[name]
    text = f'policy sample "样例"\n{policy}'
    assert code in errors(text)
    if code in NO_ANSWER:
        assert unanswered(text)


@pytest.mark.parametrize("name", RIGHT)
def test_a_policy_without_errors_answers_every_case(name: str) -> None:
    text = f'policy sample "样例"\n{RIGHT[name]}'
    assert errors(text) == set()
    assert unanswered(text) == 0
