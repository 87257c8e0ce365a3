"""Any credential → the header that a request carries, renewed in time.

What `get_token` gave is kept, and asked for anew five minutes before it expires, by one caller at
a time. A function is called each time, as `get_bearer_token_provider` keeps tokens itself. No repr,
message or log line shows a token or key. Azure is imported on first use.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from weakref import WeakValueDictionary

from pydantic import SecretStr, SkipValidation

from langchain_foundry_agents.errors import AuthenticationError, InvalidFieldError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

LOOPBACK_TOKEN: Final = "foundry-emulator"  # noqa: S105 - opens nothing but a local emulator

_RENEW_BEFORE, _RENEW_AGAIN_AFTER = 300.0, 30.0
_PATIENCE = 120.0
_MOST_SHARED = 128
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_REMEDIES = {
    "DefaultAzureCredential": "Run `az login`, give this machine a managed identity, or set "
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the environment.",
    "SecretStr": "Give the token itself as credential=, without “Bearer” before it.",
}
_LOG = logging.getLogger(__name__)
_STARTING = threading.Lock()
_SHARED_LOCK = threading.Lock()
_SHARED: OrderedDict[tuple[int, str, object], tuple[object, TokenSource]] = OrderedDict()


class _Token(Protocol):
    @property
    def token(self) -> str: ...


class _TokenCredential(Protocol):
    def get_token(self, *scopes: str) -> _Token | Awaitable[_Token]: ...


class _KeyCredential(Protocol):
    @property
    def key(self) -> str: ...


class _Destination(Protocol):
    @property
    def is_plain_http(self) -> bool: ...


# Told apart by `check_credential`, as pydantic's words for a mismatch help nobody.
Credential: TypeAlias = SkipValidation[
    _TokenCredential
    | _KeyCredential
    | SecretStr
    | Callable[[], str | _Token]
    | Callable[[], Awaitable[str | _Token]]
]
"""Of azure-identity, sync or async; a resource key; a fixed token; a function, sync or async."""


def check_credential(credential: object, endpoint: _Destination) -> None:
    """Refuse what can give no token, and what must not be sent to this endpoint.

    Raises:
        InvalidFieldError: The type is named, never the value.
    """
    _origin(credential, scope="")
    if endpoint.is_plain_http and _is_entra(credential):
        raise InvalidFieldError(
            f"credential: {_name(credential)} gives Entra tokens, and the endpoint is plain http. "
            "An Entra token is never sent over plain http.",
            remedy="Leave the credential out (a local emulator's own token is sent then), or give "
            "a fixed token.",
        )


def token_source(
    credential: Credential | None,
    scope: str,
    *,
    loopback: bool = False,
    now: Callable[[], float] = time.time,
) -> TokenSource:
    """The process's one source for this credential object and scope.

    So a model that is built anew for each call keeps its tokens.

    Args:
        credential: Any credential; `None` is `DefaultAzureCredential()`, made on first use.
        scope: The token scope.
        loopback: Whether `None` is the local emulator's fixed token instead.
        now: The clock, in seconds since the epoch.
    """
    if credential is None and loopback:
        # Asked for anew where an emulator plays a service whose token is over.
        credential = _loopback_token
    if isinstance(credential, SecretStr):
        return TokenSource(_origin(credential, scope), now=now)
    # The credential stands beside its source: as long as it lives, its id is nobody else's.
    key = (id(credential), scope, now)
    with _SHARED_LOCK:
        _, source = _SHARED.pop(key, (None, None))
        source = source or TokenSource(_origin(credential, scope), now=now)
        _SHARED[key] = (credential, source)
        if len(_SHARED) > _MOST_SHARED:
            _SHARED.popitem(last=False)
    return source


class TokenSource:
    """Headers that prove who asks. Made by `token_source`; safe in threads and event loops.

    Asking for them raises `AuthenticationError` if the credential gives no token.
    """

    def __init__(self, origin: _Origin, *, now: Callable[[], float]) -> None:
        self._origin = origin
        self._now = now
        self._kept: _KeptToken | None = None
        self._refused: str | None = None
        self._lock = threading.Lock()
        self._lock_of_locks = threading.Lock()
        # A lock lives while somebody waits for it: weak values, as each lock holds its own key.
        self._loop_locks = WeakValueDictionary[asyncio.AbstractEventLoop, asyncio.Lock]()

    def __repr__(self) -> str:
        return f"TokenSource({self._origin.name}, scope={self._origin.scope!r})"

    def headers(self) -> dict[str, str]:
        """The header for one request."""
        return self._origin.header(self._fresh() or self._renewed())

    async def aheaders(self) -> dict[str, str]:
        """The header for one request; the event loop is never blocked."""
        return self._origin.header(self._fresh() or await self._arenewed())

    def note_refusal(self, headers: Mapping[str, str]) -> None:
        """Note what the service did not accept."""
        self._refused = headers.get(self._origin.header_name)

    def renew(self, claims: str | None = None) -> bool:
        """Get another token than the refused one. Result: whether there is another.

        Args:
            claims: What the service wants a new token to hold. Without them credentials of
                azure-identity give the token of their cache once more.
        """
        if self._origin.is_called_anew:
            return True
        with self._lock:
            if claims is None and self._is_another(self._kept):
                return True
            self._kept = None
            return self._is_another(self._keep(self._origin.fetch(claims)))

    async def arenew(self, claims: str | None = None) -> bool:
        """As `renew`."""
        if self._origin.is_called_anew:
            return True
        async with self._loop_lock():
            if not self._origin.returns_at_once:
                return await asyncio.to_thread(self.renew, claims)
            if claims is None and self._is_another(self._kept):
                return True
            self._kept = None
            return self._is_another(self._keep(await self._origin.afetch(claims)))

    def _is_another(self, token: _KeptToken | None) -> bool:
        """Whether a token is valid, and not the one that was refused."""
        if token is None:
            return False
        return self._origin.header(token)[self._origin.header_name] != self._refused

    def _renewed(self) -> _KeptToken:
        if not self._origin.is_kept:
            return self._origin.fetch()
        with self._lock:
            if token := self._fresh():
                return token
            try:
                return self._keep(self._origin.fetch())
            except AuthenticationError as error:
                return self._old_one(error)

    async def _arenewed(self) -> _KeptToken:
        if not self._origin.is_kept:
            return await self._origin.afetch()
        async with self._loop_lock():
            if token := self._fresh():
                return token
            if not self._origin.returns_at_once:
                return await asyncio.to_thread(self._renewed)
            try:
                return self._keep(await self._origin.afetch())
            except AuthenticationError as error:
                return self._old_one(error)

    def _loop_lock(self) -> asyncio.Lock:
        with self._lock_of_locks:
            return self._loop_locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    def _fresh(self) -> _KeptToken | None:
        token = self._kept
        return token if token and self._now() < min(token.renew_at, token.expires_on) else None

    def _keep(self, token: _KeptToken) -> _KeptToken:
        if self._origin.is_kept:
            self._kept = token
        return token

    def _old_one(self, error: AuthenticationError) -> _KeptToken:
        """The kept token while it is valid; the next try to renew it comes a little later."""
        token = self._kept
        if token is None or self._now() >= token.expires_on:
            raise error
        _LOG.warning("The kept token is used until it expires. %s", error)
        return self._keep(replace(token, renew_at=self._now() + _RENEW_AGAIN_AFTER))


class _SecretHeader(dict[str, str]):
    """A header that tracebacks with local variables do not show."""

    def __repr__(self) -> str:
        return f"{{{', '.join(self)}: …}}"


@dataclass(frozen=True, slots=True)
class _KeptToken:
    text: str = field(repr=False)
    expires_on: float
    renew_at: float


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where tokens come from: one credential, asked for one scope."""

    name: str
    scope: str
    ask: Callable[..., object] = field(repr=False)
    is_kept: bool = False
    is_key: bool = False
    is_called_anew: bool = False  # for each request
    returns_at_once: bool = False  # so that an event loop may call `ask` itself

    @property
    def header_name(self) -> str:
        return "api-key" if self.is_key else "Authorization"

    def header(self, token: _KeptToken) -> dict[str, str]:
        text = token.text if self.is_key else f"Bearer {token.text}"
        return _SecretHeader({self.header_name: text})

    def fetch(self, claims: str | None = None) -> _KeptToken:
        answer = self._asked(claims)
        if inspect.isawaitable(answer):
            try:
                answer = _in_background(self._awaited(answer))
            except (TimeoutError, CancelledError) as error:
                raise self._failed(error) from error
        token = self._read(answer)
        del answer  # A traceback may show what is bad about it with all of it.
        return _sendable(token)

    async def afetch(self, claims: str | None = None) -> _KeptToken:
        # A failure is wrapped in the thread: a bare StopIteration would never come out of it.
        if self.returns_at_once:
            answer = self._asked(claims)
        else:
            answer = await asyncio.to_thread(self._asked, claims)
        if inspect.isawaitable(answer):
            answer = await self._awaited(answer)
        token = self._read(answer)
        del answer
        return _sendable(token)

    def _asked(self, claims: str | None) -> object:
        # Only credentials of azure-identity's kind know what to do with claims.
        more = {"claims": claims} if claims and self.is_kept else {}
        try:
            return self.ask(**more)
        except Exception as error:
            raise self._failed(error) from error

    async def _awaited(self, answer: Awaitable[object]) -> object:
        try:
            return await answer
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> AuthenticationError:
        said = str(error).strip().partition("\n")[0].rstrip(" .\r") or type(error).__name__
        return self._error(f"gave no token for the scope {self.scope}: {said}.")

    def _read(self, answer: object) -> _KeptToken | AuthenticationError:
        text = answer if isinstance(answer, str) else getattr(answer, "token", None)
        if not isinstance(text, str):
            what = f"a value of type {type(answer).__name__}, not a token,"
            return self._error(f"gave {what} for the scope {self.scope}.")
        text = text.strip()
        if not _SENDABLE.fullmatch(text):  # httpx would refuse it too, but show it
            fault = "with a blank or a character that is not ASCII" if text else "that is empty"
            return self._error(f"gave a token {fault} for the scope {self.scope}.")
        expires_on = getattr(answer, "expires_on", None)
        expires_on = float(expires_on) if isinstance(expires_on, int | float) else 0.0
        return _KeptToken(text, expires_on=expires_on, renew_at=expires_on - _RENEW_BEFORE)

    def _error(self, what: str) -> AuthenticationError:
        return AuthenticationError(f"{self.name} {what}", remedy=_REMEDIES.get(self.name))


def _sendable(token: _KeptToken | AuthenticationError) -> _KeptToken:
    if isinstance(token, AuthenticationError):
        raise token
    return token


def _origin(credential: Any, scope: str) -> _Origin:
    name = _name(credential)
    origin = partial(_Origin, name, scope)
    if isinstance(credential, type):
        raise InvalidFieldError(
            f"credential: the class {name} itself, not an object of it.",
            remedy=f"Write credential={name}().",
        )
    if credential is None:
        return origin(partial(_default_token, scope), is_kept=True)
    if isinstance(credential, SecretStr):
        return origin(credential.get_secret_value, returns_at_once=True)
    if _gives_tokens(credential):
        at_once = _is_async(credential.get_token)
        return origin(partial(credential.get_token, scope), is_kept=True, returns_at_once=at_once)
    if isinstance(getattr(credential, "key", None), str):
        return origin(lambda: credential.key, is_key=True, returns_at_once=True)
    if callable(credential):
        return origin(credential, returns_at_once=_is_async(credential), is_called_anew=True)
    raise InvalidFieldError(
        f"credential: a value of type {name} is no credential.",
        remedy="Give a credential of azure-identity (sync or async), an AzureKeyCredential, a "
        "function that returns a token, or a SecretStr.",
    )


def _name(credential: object) -> str:
    if credential is None:
        return "DefaultAzureCredential"
    return getattr(credential, "__qualname__", None) or type(credential).__qualname__


def _gives_tokens(credential: object) -> bool:
    return callable(getattr(credential, "get_token", None))


def _is_entra(credential: object) -> bool:
    """Also `get_bearer_token_provider(…)`, a function that only its module gives away."""
    module = getattr(credential, "__module__", None) or ""
    return _gives_tokens(credential) or module.startswith("azure.identity")


def _is_async(function: Callable[..., object]) -> bool:
    return any(map(inspect.iscoroutinefunction, (function, type(function).__call__)))


def _loopback_token() -> str:
    return LOOPBACK_TOKEN


@cache
def default_credential() -> TokenCredential:
    """The one `DefaultAzureCredential` of the process."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def _default_token(scope: str, **more: Any) -> object:
    with _STARTING:
        credential = default_credential()
    return credential.get_token(scope, **more)


@cache
def _loop_of(_process: int) -> asyncio.AbstractEventLoop:
    """An event loop on a daemon thread. A forked process needs its own: threads stay behind."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=__name__, daemon=True).start()
    return loop


def _in_background(coroutine: Coroutine[Any, Any, object]) -> object:
    """The result of async code for sync code, also where a loop runs already, as in notebooks."""
    with _STARTING:
        loop = _loop_of(os.getpid())
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result(_PATIENCE)
    except TimeoutError:
        raise TimeoutError(f"no answer within {_PATIENCE:g} seconds") from None
    finally:
        future.cancel()
