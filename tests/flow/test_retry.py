"""What is tried again, after which wait, and what never is."""

from __future__ import annotations

import base64

import pytest

from langchain_foundry_agents._flow.effects import Open, Pause, Renew, Send
from langchain_foundry_agents._flow.retry import Patience, attempt, may_pass
from langchain_foundry_agents.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    FoundryAgentError,
    PermissionDeniedError,
    RateLimitError,
    Response,
    RunFailedError,
    ServiceConnectionError,
    ServiceError,
    ServiceFailedError,
)

from .player import CANCEL, LOOK, OK, OPEN_FIRST, V1, answered, play, refused

GET = LOOK
POST = Send("POST", "/threads", {}, V1)
DELETE = Send("DELETE", "/threads/thread_1", None, V1)
PATIENCE = Patience()


def unreached(*, maybe_accepted: bool) -> ServiceConnectionError:
    return ServiceConnectionError("The connection failed.", maybe_accepted=maybe_accepted)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_is_given_at_once(status: int) -> None:
    response = Response(status)

    assert play(attempt(POST, PATIENCE), (POST, response)) is response


@pytest.mark.parametrize("status", [199, 300, 302])
def test_what_is_no_success_is_an_error(status: int) -> None:
    with pytest.raises(BadRequestError):
        play(attempt(POST, PATIENCE), (POST, Response(status)))


def test_a_token_that_is_not_taken_is_renewed_once() -> None:
    play(
        attempt(OPEN_FIRST, PATIENCE),
        (OPEN_FIRST, refused(401)),
        (Renew(), None),
        (OPEN_FIRST, OK),
    )


def test_where_there_is_no_other_token_nothing_is_asked_again() -> None:
    with pytest.raises(AuthenticationError):
        play(attempt(POST, PATIENCE), (POST, refused(401)), (Renew(), False))


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    ', error="insufficient_claims", claims="{}"'
)


@pytest.mark.parametrize(
    ("challenge", "claims"),
    [
        # https://learn.microsoft.com/entra/identity-platform/claims-challenge
        (CHALLENGE.format(base64.b64encode(CLAIMS.encode()).decode()), CLAIMS),
        (
            CHALLENGE.format(base64.urlsafe_b64encode(b'{"a":"\xc3\xbf\xc3\xbf?"}').decode()),
            '{"a":"ÿÿ?"}',
        ),
        (CHALLENGE.format(base64.b64encode(CLAIMS.encode()).decode().rstrip("=")), CLAIMS),
        ('Bearer error="invalid_token"', None),
        ('Basic claims="e30="', None),
        ('Bearer claims=""', None),
        ('Bearer claims="a"', None),
        ('Bearer claims="/w=="', None),
        ("", None),
    ],
)
def test_a_token_is_renewed_with_the_claims_of_the_challenge(
    challenge: str, claims: str | None
) -> None:
    refusal = refused(401, **{"www-authenticate": challenge})

    play(attempt(POST, PATIENCE), (POST, refusal), (Renew(claims), True), (POST, OK))


def test_a_new_token_that_is_not_taken_either_is_an_error() -> None:
    with pytest.raises(AuthenticationError) as caught:
        play(
            attempt(POST, PATIENCE),
            (POST, refused(401)),
            (Renew(), None),
            (POST, refused(401, "Audience is incorrect.")),
        )

    assert str(caught.value) == (
        "The service refused the request: Audience is incorrect. [HTTP status 401] "
        "Sign in again (`az login`, or the environment that your credential reads) and check "
        "that the token's audience is https://ai.azure.com."
    )


def test_a_credential_that_gives_no_token_is_not_renewed() -> None:
    no_token = AuthenticationError("The credential gave no token.")

    with pytest.raises(AuthenticationError, match="gave no token"):
        play(attempt(POST, PATIENCE), (POST, no_token))


def test_a_missing_role_is_not_renewed_and_the_data_action_and_the_role_are_named() -> None:
    denied = refused(
        401,
        "The principal `abc` lacks the required data action "
        "`Microsoft.CognitiveServices/accounts/AIServices/agents/write` to perform "
        "`POST /api/projects/{projectName}/threads` operation.",
        "PermissionDenied",
    )

    with pytest.raises(PermissionDeniedError) as caught:
        play(attempt(POST, PATIENCE), (POST, denied))

    assert caught.value.advice == (
        "The identity lacks the data action "
        "Microsoft.CognitiveServices/accounts/AIServices/agents/write. "
        "Give this identity the role “Foundry User” (formerly “Azure AI User”) on the Foundry "
        "resource or the project; Owner and Contributor do not include it. It can take some "
        "minutes to work."
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after-ms": "500"}, 0.5),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "20", "retry-after-ms": "500"}, 0.5),
        ({"retry-after": "0"}, 0.0),
    ],
)
@pytest.mark.parametrize("effect", [GET, POST, OPEN_FIRST], ids=["GET", "POST", "stream"])
def test_a_rate_limit_waits_as_long_as_its_header_says(
    effect: Send | Open, headers: dict[str, str], seconds: float
) -> None:
    play(
        attempt(effect, PATIENCE),
        (effect, Response(429, headers, "")),
        (Pause(seconds, seconds * 1.1), None),
        (effect, OK),
    )


def test_a_rate_limit_waits_as_long_as_its_text_says() -> None:
    play(
        attempt(POST, PATIENCE),
        (POST, answered({"statusCode": 429, "message": "Try again in 14 seconds."}, 429)),
        (Pause(14.0, 14.0 * 1.1), None),
        (POST, OK),
    )


def test_a_rate_limit_without_a_hint_waits_longer_each_time() -> None:
    with pytest.raises(RateLimitError) as caught:
        play(
            attempt(POST, PATIENCE),
            (POST, refused(429)),
            (Pause(0.25, 0.5), None),
            (POST, refused(429)),
            (Pause(0.5, 1.0), None),
            (POST, refused(429)),
        )

    assert caught.value.retry_after is None


def test_waits_of_our_own_grow_to_eight_seconds() -> None:
    patience, error = Patience(max_retries=7), ServiceError("Down.")

    waits = [patience.pause(error, failures) for failures in range(1, 9)]

    assert waits == [
        Pause(0.25, 0.5),
        Pause(0.5, 1.0),
        Pause(1.0, 2.0),
        Pause(2.0, 4.0),
        Pause(4.0, 8.0),
        Pause(4.0, 8.0),
        Pause(4.0, 8.0),
        None,
    ]


def test_a_wait_that_the_service_asks_for_holds_all_turns_and_one_of_our_own_does_not() -> None:
    asked = PATIENCE.pause(RateLimitError("Wait.", retry_after=1.0), 1)
    own = PATIENCE.pause(ServiceError("Down."), 1)

    assert asked is not None
    assert own is not None
    assert (asked.is_retry, asked.holds_quota) == (True, True)
    assert (own.is_retry, own.holds_quota) == (True, False)


def test_a_wait_of_our_own_is_no_longer_than_the_longest_allowed() -> None:
    assert Patience(max_retry_wait=0.2).pause(ServiceError("Down."), 1) == Pause(0.1, 0.2)


def test_a_wait_that_is_not_granted_ends_the_tries() -> None:
    with pytest.raises(ServiceError, match="Down"):
        play(attempt(GET, PATIENCE), (GET, refused(500, "Down.")), (Pause(0.25, 0.5), False))


@pytest.mark.parametrize("first", [refused(500), unreached(maybe_accepted=True)])
def test_the_last_error_knows_that_an_earlier_try_may_have_arrived(first: object) -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(
            attempt(CANCEL, Patience(max_retries=1)),
            (CANCEL, first),
            (Pause(0.25, 0.5), None),
            (CANCEL, unreached(maybe_accepted=False)),
        )

    assert caught.value.maybe_accepted


@pytest.mark.parametrize("first", [refused(429), unreached(maybe_accepted=False)])
def test_the_last_error_knows_that_no_earlier_try_arrived(first: object) -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(
            attempt(POST, Patience(max_retries=1)),
            (POST, first),
            (Pause(0.25, 0.5), None),
            (POST, unreached(maybe_accepted=False)),
        )

    assert not caught.value.maybe_accepted


@pytest.mark.parametrize(("hint", "waits"), [("60", True), ("61", False)])
def test_a_hint_beyond_the_longest_wait_is_raised_at_once(hint: str, waits: bool) -> None:
    flow = attempt(POST, Patience(max_retry_wait=60.0))
    limited = (POST, refused(429, retry_after=hint))

    if waits:
        play(flow, limited, (Pause(60.0, 66.0), None), (POST, OK))
    else:
        with pytest.raises(RateLimitError) as caught:
            play(flow, limited)
        assert caught.value.retry_after == 61.0


def test_no_retries_means_none() -> None:
    with pytest.raises(RateLimitError):
        play(attempt(POST, Patience(max_retries=0)), (POST, refused(429, retry_after="1")))


@pytest.mark.parametrize(
    ("effect", "failure"),
    [
        (POST, refused(500)),
        (POST, refused(503)),
        (POST, refused(408)),
        (OPEN_FIRST, refused(500)),
        (POST, unreached(maybe_accepted=True)),
        (OPEN_FIRST, unreached(maybe_accepted=True)),
        (POST, refused(400)),
        (GET, refused(400)),
        (GET, refused(404)),
        (POST, refused(409)),
    ],
)
def test_what_may_have_happened_or_cannot_succeed_is_not_repeated(
    effect: Send | Open, failure: object
) -> None:
    with pytest.raises(FoundryAgentError):
        play(attempt(effect, PATIENCE), (effect, failure))


@pytest.mark.parametrize(
    ("effect", "failure"),
    [
        (GET, refused(500)),
        (GET, refused(408)),
        (DELETE, refused(502)),
        (CANCEL, refused(500)),
        (GET, unreached(maybe_accepted=True)),
        (DELETE, unreached(maybe_accepted=True)),
        (CANCEL, unreached(maybe_accepted=True)),
        (GET, unreached(maybe_accepted=False)),
        (POST, unreached(maybe_accepted=False)),
        (OPEN_FIRST, unreached(maybe_accepted=False)),
    ],
)
def test_what_did_not_happen_or_may_happen_twice_is_repeated(
    effect: Send | Open, failure: object
) -> None:
    play(attempt(effect, PATIENCE), (effect, failure), (Pause(0.25, 0.5), None), (effect, OK))


def test_the_last_error_is_the_one_that_is_raised() -> None:
    with pytest.raises(BadRequestError, match="Not so"):
        play(
            attempt(GET, PATIENCE),
            (GET, refused(500)),
            (Pause(0.25, 0.5), None),
            (GET, refused(400, "Not so.")),
        )


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (RateLimitError("Busy."), True),
        (ServiceFailedError("Sorry.", code="server_error"), True),
        (ServiceFailedError("It broke."), False),
        (ContentFilterError("No.", code="content_filter"), False),
        (RunFailedError("No.", code="odd"), False),
    ],
)
def test_these_failures_of_a_run_may_pass(error: FoundryAgentError, passes: bool) -> None:
    assert may_pass(error) is passes


@pytest.mark.parametrize("effect", [GET, POST, DELETE, OPEN_FIRST])
def test_a_connection_that_asking_again_does_not_mend_is_not_tried_again(
    effect: Open | Send,
) -> None:
    untrusted = unreached(maybe_accepted=False)
    untrusted.is_retryable = False

    with pytest.raises(ServiceConnectionError):
        play(attempt(effect, PATIENCE), (effect, untrusted))
