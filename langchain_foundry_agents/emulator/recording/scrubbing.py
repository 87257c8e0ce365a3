"""What a recording keeps of a session: its structure, and no secret of anybody's.

A string is kept only where its key says that it is structure. Any other is masked: each letter is
an x and each digit a 1, so that lengths, offsets and words stay, also across the pieces of a
stream. Everywhere ids get numbers in place of their characters, and tokens, hosts, resources and
principals go.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from langchain_foundry_agents.emulator.recording.names import IDS, Rename, renamed

# JWTs, what stands behind “Bearer”, and signatures and keys in addresses.
_SECRETS = re.compile(
    r"\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:\bBearer )\S+|(?<=[?&](?:sig|key)=)[^&\s\"']+"
)
_RESOURCE = re.compile(r"/subscriptions/[^\s\"'?#]+")
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")

_SECRET_KEYS = frozenset(
    {"api_key", "apikey", "authorization", "headers", "key", "password", "secret", "token"}
)
_PEOPLE = frozenset({"user", "safety_identifier", "principal_id", "client_id"})
_THEIRS = frozenset({"metadata", "properties", "structured_inputs", "tool_resources"})
"""Whose keys are somebody's own: there no key says that a string is structure."""
_STRUCTURE = re.compile(
    "agent_version|container_id|effort|encoding|finish_reason|format|generation|kind|method|mode"
    "|model|name|object|order|phase|protocol|purpose|ranker|required|require_approval|role"
    "|server_label|service_tier|status|strict|syntax|tool_choice|truncation|type|verbosity|version"
)
_OF_THE_SERVICE = frozenset({"error", "incomplete_details", "last_error"})
"""Whose words are the service's own."""


class Scrubber:
    """Takes out of JSON what is not for a file.

    Args:
        rename: what an id is called.
        upstream: the project endpoint, whose host and project go; none where it is not known.
        texts: whether what was said stays.
    """

    def __init__(self, rename: Rename, *, upstream: str = "", texts: bool = False) -> None:
        self._rename = rename
        self._texts = texts
        host = urlsplit(upstream).hostname or ""
        resource = host.partition(".")[0]
        names = (upstream, host, "" if resource.isdecimal() else resource)
        self._places = [
            (re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE), f"<{what}>")
            for name, what in zip(names, ("endpoint", "host", "resource"), strict=True)
            if name
        ]

    def path(self, path: str) -> str:
        """A path below the project, with its ids renamed."""
        return self._known(path)

    def json(self, value: Any, key: str = "", *, kept: bool = False, theirs: bool = False) -> Any:
        """Any JSON.

        Args:
            value: it.
            key: what it stands under.
            kept: whether it stands where words are the service's own.
            theirs: whether it stands where keys are somebody's own.
        """
        if isinstance(value, dict):
            return {
                self._known(name): self._member(name, one, kept=kept, theirs=theirs)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.json(one, key, kept=kept, theirs=theirs) for one in value]
        if not isinstance(value, str):
            return value
        plain = self._texts or kept or (_STRUCTURE.fullmatch(key) and not theirs)
        return self._known(value) if plain else self._masked(value)

    def _member(self, name: str, value: Any, *, kept: bool, theirs: bool) -> Any:
        if name.lower() in _SECRET_KEYS and not isinstance(value, int | float | None):
            return {} if isinstance(value, dict) else "<left out>"
        if name in _PEOPLE and isinstance(value, str):
            return "<left out>"
        kept = kept or (name in _OF_THE_SERVICE and not theirs)
        return self.json(value, name, kept=kept, theirs=theirs or name in _THEIRS)

    def _known(self, text: str) -> str:
        """A text without secrets and places, its ids renamed."""
        text = _RESOURCE.sub("<azure-resource>", _SECRETS.sub("<left out>", text))
        for place, name in self._places:
            text = place.sub(name, text)
        return renamed(text, self._rename)

    def _masked(self, text: str) -> str:
        """A text of which ids and lengths stay."""
        parts, end = list[str](), 0
        for found in IDS.finditer(text):
            parts += _mask(text[end : found.start()]), self._rename(found.group())
            end = found.end()
        return "".join((*parts, _mask(text[end:])))


def _mask(text: str) -> str:
    return _DIGIT.sub("1", _LETTER.sub("x", text))
