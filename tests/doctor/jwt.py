"""Tokens of the form that Entra gives, signed by nobody."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

AUDIENCE = "https://ai.azure.com"
CANARY = "canary-in-a-signature"


def jwt(**claims: Any) -> str:
    """A token that is valid for another hour, unless told otherwise."""
    said = {"aud": AUDIENCE, "exp": time.time() + 3600, "oid": "object-1", "tid": "tenant-1"}
    return ".".join((_part({"alg": "none"}), _part({**said, **claims}), CANARY))


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
