"""Any credential becomes a header, in time and only once, in threads and event loops alike."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import azure.identity
import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.identity import get_bearer_token_provider
from pydantic import SecretStr

from langchain_foundry_agents import _credentials
from langchain_foundry_agents._credentials import TokenSource, check_credential, token_source
from langchain_foundry_agents._endpoint import Endpoint, read_endpoint
from langchain_foundry_agents.errors import AuthenticationError, InvalidFieldError

SCOPE, US_SCOPE = "https://ai.azure.com/.default", "https://ai.azure.us/.default"
PLAIN = read_endpoint("http://localhost:8000")
SAFE = read_endpoint("https://res.services.ai.azure.com/api/projects/p")
SOON = 5.0


class SyncCredential:
    """Gives tokens t1, t2 … for an hour of its clock; fails while `failure` is set."""

    __hash__ = None  # type: ignore[assignment]  # as a credential may be

    def __init__(self, failure: Exception | None = None) -> None:
        self.now, self.failure = 1000.0, failure
        self.scopes: list[tuple[str, ...]] = []
        self.entered, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def source(self) -> TokenSource:
        return token_source(self, SCOPE, now=self.clock)

    def clock(self) -> float:
        return self.now

    def get_token(self, *scopes: str) -> AccessToken:
        self.entered.set()
        assert self.go_on.wait(SOON)
        self.scopes.append(scopes)
        if self.failure:
            raise self.failure
        return AccessToken(f"t{len(self.scopes)}", int(self.now) + 3600)


class Cached:
    """Gives one token for as long as it is not asked for claims, as azure-identity does."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_token(self, *scopes: str, **more: Any) -> AccessToken:
        self.asked.append(more)
        return AccessToken("with-claims" if more else "cached", 2**40)


class AsyncCredential(SyncCredential):
    loop: object = None

    async def get_token(self, *scopes: str) -> AccessToken:  # type: ignore[override]
        await asyncio.sleep(0)
        self.loop = asyncio.get_running_loop()
        return super().get_token(*scopes)


def ask_sync(source: TokenSource) -> str:
    return source.headers()["Authorization"].removeprefix("Bearer ")


def ask_async(source: TokenSource) -> str:
    return asyncio.run(source.aheaders())["Authorization"].removeprefix("Bearer ")


Ask = Callable[[TokenSource], str]
Renew = Callable[..., bool]
Colour = type[SyncCredential]
TWINS = {"ask": (ask_sync, ask_async), "colour": (SyncCredential, AsyncCredential)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `ask` holds for both twins, one that takes `colour` for both kinds."""
    for name in filter(metafunc.fixturenames.__contains__, TWINS):
        metafunc.parametrize(name, TWINS[name])


async def async_text() -> str:
    return "token"


@pytest.mark.parametrize(
    "credential",
    [
        SecretStr("token"),
        SecretStr(" token\n"),
        lambda: "token",
        lambda: AccessToken("token", 0),
        lambda: async_text(),  # noqa: PLW0108 - a sync function that returns an awaitable
        async_text,
    ],
)
def test_tokens_and_functions_give_a_token(credential: _credentials.Credential, ask: Ask) -> None:
    check_credential(credential, SAFE)

    assert ask(token_source(credential, SCOPE)) == "token"


async def test_headers_are_bearer_tokens_or_a_resource_key_as_it_is_now() -> None:
    token, key = SecretStr("token"), AzureKeyCredential("old")
    tokens, keys = token_source(token, SCOPE), token_source(key, SCOPE)
    key.update("new")

    assert tokens.headers() == await tokens.aheaders() == {"Authorization": "Bearer token"}
    assert keys.headers() == await keys.aheaders() == {"api-key": "new"}


def test_the_emulator_s_token_is_the_default_on_loopback(ask: Ask) -> None:
    assert ask(token_source(None, SCOPE, loopback=True)) == "foundry-emulator"


def test_a_token_is_kept_until_5_minutes_before_it_expires(colour: Colour, ask: Ask) -> None:
    credential, seen = colour(), []
    for credential.now in (0, 3299, 3300, 6599, 6600):
        seen.append(ask(credential.source()))

    assert seen == ["t1", "t1", "t2", "t2", "t3"]
    assert credential.scopes == [(SCOPE,)] * 3


def test_a_failed_renewal_is_harmless_while_the_token_is_valid(colour: Colour, ask: Ask) -> None:
    credential, asked = colour(), []
    issued = credential.now
    ask(credential.source())
    credential.failure = ValueError("out of order")
    for later in (3300, 3329, 3330, 3599):
        credential.now = issued + later
        assert ask(credential.source()) == "t1"
        asked.append(len(credential.scopes))

    assert asked == [2, 2, 3, 4], "tried again, but not by every request"
    credential.now = issued + 3600
    with pytest.raises(AuthenticationError, match="out of order"):
        ask(credential.source())


@pytest.fixture(params=["sync", "async"])
def renew(request: pytest.FixtureRequest) -> Renew:
    def renewed(source: TokenSource, claims: str | None = None) -> bool:
        if request.param == "sync":
            return source.renew(claims)
        return asyncio.run(source.arenew(claims))

    return renewed


def test_a_refused_token_is_fetched_anew(colour: Colour, ask: Ask, renew: Renew) -> None:
    source = colour().source()
    before = ask(source)
    source.note_refusal({"Authorization": f"Bearer {before}"})

    assert renew(source) is True
    assert (before, ask(source)) == ("t1", "t2")


def test_who_gives_a_refused_token_again_has_no_other(ask: Ask, renew: Renew) -> None:
    # As credentials of azure-identity do, whose own cache does not know of the refusal.
    credential = Cached()
    source = token_source(credential, SCOPE)
    source.note_refusal({"Authorization": f"Bearer {ask(source)}"})

    assert renew(source) is False
    assert credential.asked == [{}, {}]


def test_claims_of_a_challenge_reach_the_credential(ask: Ask, renew: Renew) -> None:
    # azure-core's BearerTokenCredentialPolicy: get_token(*scopes, claims=claims).
    credential = Cached()
    source = token_source(credential, SCOPE)
    source.note_refusal({"Authorization": f"Bearer {ask(source)}"})

    assert renew(source, '{"access_token":{}}') is True
    assert ask(source) == "with-claims"
    assert credential.asked == [{}, {"claims": '{"access_token":{}}'}]


def test_a_token_that_another_caller_renewed_meanwhile_is_taken(
    colour: Colour, ask: Ask, renew: Renew
) -> None:
    credential = colour()
    source = credential.source()
    ask(source)
    source.note_refusal({"Authorization": "Bearer t0"})

    assert renew(source) is True
    assert len(credential.scopes) == 1


@pytest.mark.parametrize("fixed", [SecretStr("t"), AzureKeyCredential("t")])
def test_a_fixed_token_has_no_other(fixed: Any, ask: Ask, renew: Renew) -> None:
    source = token_source(fixed, SCOPE)
    source.note_refusal(source.headers())

    assert renew(source) is False


def test_a_key_that_was_changed_is_another(renew: Renew) -> None:
    key = AzureKeyCredential("old")
    source = token_source(key, SCOPE)
    source.note_refusal(source.headers())
    key.update("new")

    assert renew(source) is True


def test_a_function_that_is_called_each_time_is_called_once_for_a_renewal(
    ask: Ask, renew: Renew
) -> None:
    source = token_source(partial(next, iter(["t1", "t2"])), SCOPE)
    source.note_refusal({"Authorization": f"Bearer {ask(source)}"})

    assert (renew(source), ask(source)) == (True, "t2")


def test_a_function_is_called_each_time(ask: Ask) -> None:
    source = token_source(partial(next, iter(["t1", "t2"])), SCOPE)

    assert [ask(source), ask(source)] == ["t1", "t2"]


async def test_fifty_callers_in_threads_and_tasks_fetch_one_token() -> None:
    credential, ready = SyncCredential(), threading.Barrier(26)
    source = credential.source()
    credential.go_on.clear()

    def in_thread() -> str:
        ready.wait(SOON)
        return ask_sync(source)

    with ThreadPoolExecutor(25) as pool:
        threads = [asyncio.wrap_future(pool.submit(in_thread)) for _ in range(25)]
        tasks = [asyncio.create_task(source.aheaders()) for _ in range(25)]
        await asyncio.to_thread(ready.wait, SOON)
        assert await asyncio.to_thread(credential.entered.wait, SOON)
        credential.go_on.set()

        assert await asyncio.gather(*threads) == ["t1"] * 25
        assert await asyncio.gather(*tasks) == [{"Authorization": "Bearer t1"}] * 25
    assert credential.scopes == [(SCOPE,)]


async def test_tasks_fetch_one_token_of_an_async_credential_in_their_own_loop() -> None:
    credential = AsyncCredential()
    source = credential.source()
    await asyncio.gather(*(source.aheaders() for _ in range(50)))

    assert (credential.loop, credential.scopes) == (asyncio.get_running_loop(), [(SCOPE,)])
    source.note_refusal({"Authorization": "Bearer t1"})
    assert await asyncio.to_thread(source.renew)
    assert ask_sync(source) == "t2", "also in a notebook, where a loop runs already"
    assert credential.loop is not asyncio.get_running_loop()


async def test_a_sync_credential_never_blocks_the_event_loop() -> None:
    credential = SyncCredential()
    credential.go_on.clear()
    cancelled, waiting = (asyncio.create_task(credential.source().aheaders()) for _ in range(2))
    assert await asyncio.to_thread(credential.entered.wait, SOON)
    cancelled.cancel()
    credential.go_on.set()  # reached only if the loop still turns

    assert await waiting == {"Authorization": "Bearer t1"}
    assert (cancelled.cancelled(), credential.scopes) == (True, [(SCOPE,)])


def test_loops_that_are_over_leave_nothing_behind() -> None:
    source, function = AsyncCredential().source(), token_source(async_text, SCOPE)
    before = threading.active_count()

    assert [ask_async(source), ask_async(source)] == ["t1", "t1"]
    assert [ask(function) for ask in (ask_async, ask_sync, ask_async, ask_sync)] == ["token"] * 4
    assert (list(source._loop_locks), threading.active_count() <= before + 1) == ([], True)


def test_sync_code_waits_for_async_code_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> str:
        await asyncio.Event().wait()
        return "token"

    monkeypatch.setattr(_credentials, "_PATIENCE", 0.01)

    with pytest.raises(AuthenticationError, match=r"no answer within 0\.01 seconds\."):
        token_source(never, SCOPE).headers()


def test_one_source_serves_a_credential_and_scope_in_the_whole_process() -> None:
    one, other = SyncCredential(), SyncCredential()

    assert token_source(one, SCOPE) is token_source(one, SCOPE)
    assert token_source(one, SCOPE) is not token_source(one, US_SCOPE)
    assert token_source(one, SCOPE) is not token_source(other, SCOPE)
    assert token_source(None, SCOPE) is token_source(None, SCOPE)


def test_the_source_that_was_not_used_for_longest_is_let_go() -> None:
    unused, used = SyncCredential(), SyncCredential()
    first, second = unused.source(), used.source()
    for _ in range(_credentials._MOST_SHARED):
        assert SyncCredential().source() is not used.source()

    assert len(_credentials._SHARED) == _credentials._MOST_SHARED
    assert (unused.source() is first, used.source() is second) == (False, True)


def test_the_default_credential_is_made_once_and_says_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    default = SyncCredential()
    unmade = [default]
    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", unmade.pop)
    anew = cache(_credentials.default_credential.__wrapped__)
    monkeypatch.setattr(_credentials, "default_credential", anew)
    monkeypatch.setattr(_credentials, "_SHARED", OrderedDict())
    source, other = token_source(None, SCOPE), token_source(None, US_SCOPE)

    assert unmade == [default]
    assert (ask(source), ask(other)) == ("t1", "t2")
    default.failure = ValueError("Failed to retrieve a token.\nAttempted credentials:\n\tmany")
    source.note_refusal({"Authorization": "Bearer t1"})
    with pytest.raises(AuthenticationError) as caught:
        source.renew()

    assert caught.value.__cause__ is default.failure
    assert str(caught.value) == (
        "DefaultAzureCredential gave no token for the scope https://ai.azure.com/.default: "
        "Failed to retrieve a token. Run `az login`, give this machine a managed identity, or set "
        "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the environment."
    )


NO_TOKEN = f"gave no token for the scope {SCOPE}"
NO_ACCOUNT = ValueError("no account")
UNFIT = f"a token with a blank or a character that is not ASCII for the scope {SCOPE}."


def stopping() -> str:
    raise StopIteration


async def failing_later() -> str:
    raise NO_ACCOUNT


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        (stopping, f"stopping {NO_TOKEN}: StopIteration."),
        (failing_later, f"failing_later {NO_TOKEN}: no account."),
        (SyncCredential(NO_ACCOUNT), f"SyncCredential {NO_TOKEN}: no account."),
        (AsyncCredential(NO_ACCOUNT), f"AsyncCredential {NO_TOKEN}: no account."),
        (partial(int), f"partial gave a value of type int, not a token, for the scope {SCOPE}."),
        (SecretStr(" "), f"SecretStr gave a token that is empty for the scope {SCOPE}."),
        (SecretStr("Bearer hunter2"), f"SecretStr gave {UNFIT}"),
    ],
)
def test_a_failure_is_named(credential: _credentials.Credential, message: str, ask: Ask) -> None:
    with pytest.raises(AuthenticationError) as caught:
        ask(token_source(credential, SCOPE))

    assert caught.value.args == (message,)
    assert caught.value.advice in {AuthenticationError.remedy, _credentials._REMEDIES["SecretStr"]}


GIVE = (
    "is no credential. Give a credential of azure-identity (sync or async), an AzureKeyCredential, "
    "a function that returns a token, or a SecretStr."
)
NOT_PLAIN = (
    "gives Entra tokens, and the endpoint is plain http. An Entra token is never sent over plain "
    "http. Leave the credential out (a local emulator's own token is sent then), or give a fixed "
    "token."
)
ITSELF = "itself, not an object of it. Write credential=SyncCredential()."
PROVIDER = get_bearer_token_provider(SyncCredential(), SCOPE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("credential", "endpoint", "message"),
    [
        ("hunter2", SAFE, f"credential: a value of type str {GIVE}"),
        ({"key": "hunter2"}, SAFE, f"credential: a value of type dict {GIVE}"),
        (SyncCredential, SAFE, f"credential: the class SyncCredential {ITSELF}"),
        (SyncCredential(), PLAIN, f"credential: SyncCredential {NOT_PLAIN}"),
        (AsyncCredential(), PLAIN, f"credential: AsyncCredential {NOT_PLAIN}"),
        (PROVIDER, PLAIN, f"credential: get_bearer_token_provider.<locals>.wrapper {NOT_PLAIN}"),
    ],
)
def test_what_cannot_work_is_refused(credential: object, endpoint: Endpoint, message: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        check_credential(credential, endpoint)

    assert str(caught.value) == message


def test_an_emulator_may_be_given_anything_but_entra_tokens() -> None:
    for credential in (None, SecretStr("t"), AzureKeyCredential("k"), async_text):
        check_credential(credential, PLAIN)


def test_no_secret_is_shown() -> None:
    kept, fixed = SyncCredential().source(), token_source(SecretStr("hunter2"), SCOPE)
    ask_sync(kept)

    assert repr(kept) == "TokenSource(SyncCredential, scope='https://ai.azure.com/.default')"
    assert str(fixed) == "TokenSource(SecretStr, scope='https://ai.azure.com/.default')"
    assert "t1" not in repr(kept._kept)
    assert "hunter2" not in repr(vars(fixed))


def test_our_import_leaves_azure_alone() -> None:
    code = "import langchain_foundry_agents._credentials, sys; print('azure' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
