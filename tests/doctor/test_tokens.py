"""What the doctor reads in a token, and what it says of one that cannot work."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._doctor.tokens import judge, read_claims
from langchain_foundry_agents.errors import AuthenticationError

from .jwt import AUDIENCE, jwt

SCOPE = f"{AUDIENCE}/.default"
NOW = 1_000_000.0
GOOD = {"aud": AUDIENCE, "exp": NOW + 3240}


def test_a_jwt_is_read_without_its_signature() -> None:
    claims = read_claims(jwt(aud="https://example.com", exp=1))

    assert claims == {
        "aud": "https://example.com",
        "exp": 1,
        "oid": "object-1",
        "tid": "tenant-1",
    }


@pytest.mark.parametrize("token", ["", "foundry-emulator", "a.b.c", "a.W10.c", "a.e30", "é.é.é"])
def test_what_is_no_jwt_is_not_read(token: str) -> None:
    assert read_claims(token) is None


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        (GOOD, "for https://ai.azure.com, valid for 54 min"),
        (GOOD | {"aud": f"{AUDIENCE}/", "exp": NOW + 30}, f"for {AUDIENCE}, valid for 30 s"),
        (GOOD | {"oid": "o", "tid": "t"}, "54 min; object o; tenant t"),
        (GOOD | {"oid": "o", "idtyp": "app"}, "54 min; application o"),
        ({"aud": "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"}, "for 18a66f5f-dbdf"),
    ],
    ids=["valid", "slash and seconds", "user", "application", "audience by id"],
)
def test_a_token_that_can_work_is_told(claims: dict[str, Any], says: str) -> None:
    assert says in judge(claims, SCOPE, NOW)


@pytest.mark.parametrize(
    ("claims", "says", "remedy"),
    [
        (
            GOOD | {"aud": "https://cognitiveservices.azure.com"},
            "is for the audience https://cognitiveservices.azure.com",
            "Ask for the scope https://ai.azure.com/.default.",
        ),
        ({}, "is for the audience (none)", "Ask for the scope"),
        (GOOD | {"exp": NOW - 600}, "expired 10 min ago", "az login"),
        (GOOD | {"nbf": NOW + 90}, "valid only in 2 min", "this machine's clock"),
    ],
    ids=["another audience", "none", "expired", "of tomorrow"],
)
def test_a_token_that_cannot_work_says_why(claims: dict[str, Any], says: str, remedy: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        judge(claims, SCOPE, NOW)

    assert says in caught.value.args[0]
    assert remedy in caught.value.advice
