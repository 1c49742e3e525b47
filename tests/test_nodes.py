"""Are records what their annotations say: frozen, equal by content, made and copied by field?"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from policydsl.nodes import Node, contents, evolve, field, fields, node, span_field
from policydsl.source import Source, Span

HERE, THERE = (Span(Source("p", "12"), n, n + 1) for n in (0, 1))


@node
class Point(Node):
    x: int
    y: int = 7
    notes: Mapping[str, int] = field(factory=dict)
    written: str = field(default="", eq=False)
    span: Span = span_field()

    def doubled(self) -> int:
        return 2 * self.x


@node
class Weighted(Point):
    weight: int = 1

    def doubled(self) -> int:
        return super().doubled() * self.weight


def test_fields_are_given_by_place_or_name_and_have_defaults() -> None:
    point = Point(1, written="one", span=HERE)
    assert (point.x, point.y, point.notes, point.written, point.span) == (1, 7, {}, "one", HERE)
    assert Point(1, span=HERE).notes is not Point(1, span=HERE).notes
    assert fields(point) == ("x", "y", "notes", "written", "span")


@pytest.mark.parametrize(
    ("places", "names"), [((), {}), ((1,), {}), ((1, 2, {}, "", HERE), {}), ((1,), {"span": HERE, "z": 1})]
)
def test_a_field_that_lacks_or_is_unknown_is_an_error(places: tuple[Any, ...], names: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(*places, **names)


def test_places_and_writing_take_no_part_in_equality() -> None:
    one, two = Point(1, 2, (), "1", span=HERE), Point(1, 2, (), "一", span=THERE)  # type: ignore[arg-type]
    assert one == two and hash(one) == hash(two) == hash(one) and len({one, two}) == 1
    assert contents(one) == (1, 2, ())
    assert repr(one) == "Point(x=1, y=2, notes=())"
    assert one != Point(1, 3, span=HERE) and one != (1, 2, ())
    assert Weighted(1, span=HERE) != Point(1, span=HERE)


def test_nothing_is_written_into_a_record() -> None:
    point = Point(1, span=HERE)
    for name in ("x", "other"):
        with pytest.raises(AttributeError):
            setattr(point, name, 2)
    with pytest.raises(AttributeError):
        del point.x
    assert not hasattr(point, "__dict__")


def test_a_copy_changes_what_is_named_only() -> None:
    point = Point(1, 2, {"a": 1}, "one", span=HERE)
    moved = evolve(point, y=3)
    assert (moved.x, moved.y, moved.notes, moved.written, moved.span) == (1, 3, {"a": 1}, "one", HERE)
    assert point.y == 2
    with pytest.raises(TypeError):
        evolve(point, z=1)


def test_a_record_of_a_record_has_the_fields_of_both() -> None:
    heavy = Weighted(2, span=HERE, weight=5)
    assert heavy.doubled() == 20
    assert fields(heavy) == ("x", "y", "notes", "written", "span", "weight")
    assert Point(2, span=HERE).doubled() == 4


def test_a_record_is_matched_by_place_and_pickles() -> None:
    match Point(1, 2, span=HERE):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            raise AssertionError
    point = Point(1, 2, {"a": 1}, span=HERE)
    hash(evolve(point, notes=()))
    assert pickle.loads(pickle.dumps(point)) == point
