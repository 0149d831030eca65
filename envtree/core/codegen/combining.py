"""Shapes of one variable from several classes: what fits all of them, and what fits one of them at least.

Both may take more than they should, and never less: a loader doesn't refuse what the schemas take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.codegen.reading import TYPE
from envtree.core.codegen.shapes import (
    ChoiceShape,
    IntegerShape,
    NumberShape,
    SecretShape,
    Shape,
    TextShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def fitting_all(shapes: Iterable[Shape]) -> tuple[Shape, tuple[str, ...]]:
    """Return a shape for what the classes of one process ask together, and what it leaves out."""
    return _combined(shapes, _both)


def fitting_any(shapes: Iterable[Shape]) -> tuple[Shape, tuple[str, ...]]:
    """Return a shape for what at least one process takes, and what it leaves out."""
    return _combined(shapes, _either)


def _combined(
    shapes: Iterable[Shape], combine: Callable[[Shape, Shape], Shape | None]
) -> tuple[Shape, tuple[str, ...]]:
    first, *others = dict.fromkeys(shapes)
    notes: tuple[str, ...] = ()
    for other in others:
        is_secret = isinstance(first, SecretShape) or isinstance(other, SecretShape)
        one, two = (each.value if isinstance(each, SecretShape) else each for each in (first, other))
        combined = one if one == two else combine(one, two)
        if combined is None:
            combined, notes = TextShape(), (TYPE,)
        first = SecretShape(combined) if is_secret else combined
    return first, notes


def _both(one: Shape, two: Shape) -> Shape | None:
    """Return a shape for what fits both; None where a text is all that can be said."""
    if isinstance(one, TextShape) and isinstance(two, TextShape):
        patterns = tuple(dict.fromkeys((*one.patterns, *two.patterns)))
        return TextShape(max(one.least, two.least), _smallest(one.most, two.most), patterns)
    if isinstance(one, IntegerShape) and isinstance(two, IntegerShape):
        return IntegerShape(
            _largest(one.least, two.least),
            _smallest(one.most, two.most),
            one.multiple or two.multiple,
            one.choices or two.choices,
        )
    if isinstance(one, ChoiceShape) and isinstance(two, ChoiceShape):
        return ChoiceShape(tuple(text for text in one.texts if text in two.texts))
    if isinstance(one, TextShape):
        return two
    if isinstance(two, TextShape):
        return one
    if isinstance(one, ChoiceShape) or isinstance(two, ChoiceShape):
        return one if isinstance(one, ChoiceShape) else two
    return one if type(one) is type(two) and not isinstance(one, NumberShape) else None


def _either(one: Shape, two: Shape) -> Shape | None:
    """Return a shape for what fits one of two; None where a text is all that can be said."""
    if isinstance(one, TextShape) and isinstance(two, TextShape):
        most = None if one.most is None or two.most is None else max(one.most, two.most)
        return TextShape(min(one.least, two.least), most, one.patterns if one.patterns == two.patterns else ())
    if isinstance(one, IntegerShape) and isinstance(two, IntegerShape) and not (one.choices or two.choices):
        least = None if one.least is None or two.least is None else min(one.least, two.least)
        most = None if one.most is None or two.most is None else max(one.most, two.most)
        return IntegerShape(least, most, one.multiple if one.multiple == two.multiple else None)
    if isinstance(one, ChoiceShape) and isinstance(two, ChoiceShape):
        return ChoiceShape(tuple(dict.fromkeys((*one.texts, *two.texts))))
    if isinstance(one, NumberShape) and isinstance(two, NumberShape):
        return NumberShape(finite=one.finite and two.finite)
    return None


def _largest(one: int | None, two: int | None) -> int | None:
    return max((each for each in (one, two) if each is not None), default=None)


def _smallest(one: int | None, two: int | None) -> int | None:
    return min((each for each in (one, two) if each is not None), default=None)
