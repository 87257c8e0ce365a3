"""Which members a text asks a JSON object to have."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SPEAKS_OF_KEYS = re.compile(
    r"\b(?:keys?|fields?|properties|property|members?|attributes?)\b", re.IGNORECASE
)
_QUOTED_NAME = re.compile(r"[\"'`“]([A-Za-z_]\w*)[\"'`”]")
_LISTED = re.compile(
    r"\b(?:keys|fields|properties|members|attributes)\b:?\s+"
    r"([a-z_]\w*(?:\s*,\s*(?:and\s+)?[a-z_]\w*|\s+and\s+[a-z_]\w*)*)"
)


def asked_keys(text: str) -> list[str]:
    """The keys that a text names, in its order: quoted ones, or those listed after "keys"."""
    sentences = [one for one in _SENTENCE.split(text) if _SPEAKS_OF_KEYS.search(one)]
    names = [name for one in sentences for name in _QUOTED_NAME.findall(one)]
    if not names:
        lists = [found[1] for one in sentences if (found := _LISTED.search(one))]
        names = [name for one in lists for name in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", one)]
    return list(dict.fromkeys(names))
