"""Finds a sum in a text and works it out, without ever running code."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = {
    r"\bplus\b": "+",
    r"\bminus\b": "-",
    r"\btimes\b|\bmultiplied by\b|×|(?<=\d)\s*x\s*(?=\d)": "*",
    r"\bdivided by\b|÷": "/",
    r"\bto the power of\b|\^": "**",
    r"(?<=\d),(?=\d{3}\b)": "",
}
# Repeats are bounded, and none begins within a number: the time is linear in the text.
_DATE = re.compile(r"(?<!\d)\d{1,4}(?:-\d{1,4}-|/\d{1,4}/)\d{1,4}(?!\d)")
_TERM = r"[-(\s]{0,200}\d[\d.\s()]{0,200}"
_SUM = re.compile(rf"(?<![\d.]){_TERM}(?:(?:\*\*|//|[-+*/%]){_TERM}){{1,200}}")
_LONGEST, _LARGEST, _HIGHEST_POWER = 200, 10**40, 100

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def solve(text: str) -> str | None:
    """The first sum of a text with its result, such as `17 * 23 = 391`; None if there is none."""
    for pattern, symbol in _WORDS.items():
        text = re.sub(pattern, symbol, text, flags=re.IGNORECASE)
    found = _SUM.search(_DATE.sub("", text))
    if found is None or len(found[0]) > _LONGEST:
        return None
    written = " ".join(found[0].rstrip(" .(").split())
    try:
        return f"{written} = {_shown(_value(ast.parse(written, mode='eval').body))}"
    except ZeroDivisionError:
        return f"{written} has no result: it divides by zero"
    except (ArithmeticError, SyntaxError, ValueError):
        return None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=symbol, right=right):
            return _bounded(_apply(symbol, _value(left), _value(right)))
        case _:
            raise ValueError(ast.dump(node))


def _apply(symbol: ast.operator, left: float, right: float) -> float | complex:
    if isinstance(symbol, ast.Pow) and abs(right) > _HIGHEST_POWER:
        raise OverflowError
    return _BINARY[type(symbol)](left, right)


def _bounded(value: complex) -> float:
    # A negative number to a broken power is complex: no number to show.
    if isinstance(value, complex) or abs(value) > _LARGEST:
        raise OverflowError
    return value


def _shown(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.10g}"
