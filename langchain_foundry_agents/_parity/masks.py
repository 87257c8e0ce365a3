"""Answers without what differs by nature, and without what is nobody's business.

Ids, times, counts and texts show as `<id thread>`, `<time>`, `<count>` and `<text>`; what a
case has kept shows under its name, what it has said itself shows as it is. Everything else of a
service's answer shows only where it is a word of the protocol, so a masked answer can be published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_ID = re.compile(r"(?P<kind>[a-z]{1,10})[_-][A-Za-z0-9]{16,}")
_TIMES = re.compile(r".*_at")
_COUNTS = re.compile(
    r".*_tokens|.*_offset|bytes|usage_bytes|(start|end)_index|sequence_number|score"
)
_WORDS = frozenset(
    {
        *("code", "detail", "effort", "event", "from", "kind", "object", "order", "param"),
        *("purpose", "ranker", "reason", "response_format", "role", "service_tier", "source"),
        *("severity", "source_type", "state", "status", "tool_choice", "truncation", "type"),
        *("verbosity", "version"),
    }
)
# What depends on the deployment: only that it is there shows.
_KINDS = {
    "content_filter_raw": "<list>",
    "content_filter_results": "<object>",
    "reasoning": "<object>",
}
_WORD = re.compile(r"[\w.:/\[\]()-]{1,60}( \(key\))?")
_HIDDEN = (
    (re.compile(r"https?://[^\s'\"),]+"), "<url>"),
    (re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "<guid>"),
    (re.compile(rf"\b{_ID.pattern}"), r"<id \g<kind>>"),
    (re.compile(r"\b[0-9a-fA-F]{16,}\b"), "<hex>"),
    (re.compile(r"/(subscriptions|resourceGroups|projects)/[^\s/'\"]+"), r"/\1/<name>"),
    (re.compile(r"\b[\w-]+(\.[\w-]+)*\.(com|net|ms|us|cn)\b"), "<host>"),
    (re.compile(r"[\w.+-]+@[\w.-]+"), "<mail>"),
)
# What a case has kept, alone or with a version behind it.
_NAMES = re.compile(r"\{\w+\}(:\d+)?")
_LEAST_KNOWN = 3
_SHORT = 200


class Masks:
    """What masks the answers of one case.

    Args:
        known: values by the names that the case has for them.
        said: texts of its requests.
    """

    def __init__(self, known: Mapping[str, str], said: Iterable[str]) -> None:
        self._known = sorted(known.items(), key=lambda pair: -len(pair[1]))
        self._said = frozenset(said)

    def mask(self, value: Any, key: str = "", *, in_error: bool = False) -> Any:
        """A value of an answer, masked.

        Args:
            value: JSON.
            key: the member that it stands in.
            in_error: whether it belongs to an error, whose message is of interest.
        """
        if key in _KINDS and isinstance(value, dict | list):
            return _KINDS[key]
        if isinstance(value, dict):
            within = in_error or key in ("error", "last_error") or "statusCode" in value
            return {
                self._named(name): self.mask(inner, name, in_error=within)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.mask(one, key, in_error=in_error) for one in value]
        if isinstance(value, str):
            return self._text(value, key, in_error=in_error)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value, key)
        return value

    def _text(self, text: str, key: str, *, in_error: bool) -> str:
        named = self._named(text)
        if not text or named in self._said or _NAMES.fullmatch(named):
            return named if len(named) <= _SHORT else "<text>"
        if found := _ID.fullmatch(text):
            return f"<id {found['kind']}>"
        if in_error and key == "message":
            return hidden(named)
        return hidden(named) if key in _WORDS and _WORD.fullmatch(named) else "<text>"

    def _named(self, text: str) -> str:
        for name, value in self._known:
            if len(value) >= _LEAST_KNOWN:
                text = text.replace(value, f"{{{name}}}")
        return text


def hidden(message: str) -> str:
    """A message of the service without addresses, ids and names."""
    for pattern, instead in _HIDDEN:
        message = pattern.sub(instead, message)
    return message


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a JSON value, keys not counted."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str):
        yield value


def _number(value: float, key: str) -> float | str:
    if _TIMES.fullmatch(key):
        return "<time>" if isinstance(value, int) else "<time, no integer>"
    return "<count>" if _COUNTS.fullmatch(key) else value
