"""How a model reaches the service: the fields of its endpoint, credential and HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from langchain_foundry_agents._credentials import Credential, check_credential, token_source
from langchain_foundry_agents._drive import apages, aperform, pages, perform
from langchain_foundry_agents._endpoint import read_endpoint
from langchain_foundry_agents._flow.effects import Flow, Page
from langchain_foundry_agents._secrets import Headers, LeftOut, hidden, revealed
from langchain_foundry_agents._transport import Transport
from langchain_foundry_agents.errors import InvalidEndpointError, InvalidFieldError

if TYPE_CHECKING:
    import httpx

    Timeout = float | httpx.Timeout | None
    Client = httpx.Client | None
    AsyncClient = httpx.AsyncClient | None
else:
    # httpx costs a quarter of langchain-core's import: it is imported with the first request. The
    # values are checked by validators.
    Timeout = Client = AsyncClient = Any

Outcome = TypeVar("Outcome")

_LONGEST = 300.0
_loaded: set[type] = set()
"""Holds the pools to the interpreter's very end: connections that a loop left open when it was just
closed cannot be closed any more, and would be complained of."""
_ENDPOINT_VARIABLES = ("AZURE_AI_PROJECT_ENDPOINT", "FOUNDRY_PROJECT_ENDPOINT")


class Connection(BaseModel):
    """Fields that say where the service is, who asks, and over which HTTP client."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )

    project_endpoint: str = Field(default="", validate_default=True)
    """`https://<resource>.services.ai.azure.com/api/projects/<project>`. Default: the environment's
    `AZURE_AI_PROJECT_ENDPOINT`, then `FOUNDRY_PROJECT_ENDPOINT`."""

    credential: Credential | str | None = Field(
        default=None,
        validation_alias=AliasChoices("credential", "api_key"),
        exclude=True,
        repr=False,
    )
    """A `TokenCredential` (sync or async), an `AzureKeyCredential`, a callable that returns a token
    (sync or async), or a fixed token. Default: `DefaultAzureCredential()`, made once and on first
    use; for an endpoint on loopback the emulator's token."""

    credential_scope: str | None = None
    """Token scope. Default: the one of the endpoint's cloud."""

    api_version: str = "v1"
    """`api-version` of the classic API."""

    timeout: Timeout = Field(
        default=None, validation_alias=AliasChoices("timeout", "request_timeout")
    )
    """HTTP timeout: seconds, or an `httpx.Timeout`. Default: connect 10 s, read 60 s."""

    default_headers: Headers = Field(default_factory=dict, exclude=True, repr=False)
    """Headers of every request, for gateways. Those of a call are `extra_headers`."""

    http_client: Client = Field(default=None, exclude=True, repr=False)
    """An `httpx.Client` to use, for proxies and TLS of your own. It is never closed here."""

    http_async_client: AsyncClient = Field(default=None, exclude=True, repr=False)
    """An `httpx.AsyncClient` to use for async calls. It is never closed here."""

    @field_validator("project_endpoint")
    @classmethod
    def _read_endpoint(cls, value: str) -> str:
        given = value or next(filter(None, map(os.environ.get, _ENDPOINT_VARIABLES)), "")
        if not given:
            raise InvalidEndpointError(
                "No project endpoint is given.",
                remedy=f"Give project_endpoint=…, or set {_ENDPOINT_VARIABLES[0]}. "
                + InvalidEndpointError.remedy,
            )
        return read_endpoint(given).url

    @field_validator("credential", mode="before")
    @classmethod
    def _hide_token(cls, value: Any) -> Any:
        return hidden(value)

    @field_validator("default_headers")
    @classmethod
    def _hide_headers(cls, value: Mapping[str, SecretStr]) -> dict[str, SecretStr]:
        return {name: hidden(text) for name, text in value.items()}

    @field_validator("timeout", "http_client", "http_async_client")
    @classmethod
    def _check_httpx(cls, value: Any, info: ValidationInfo) -> Any:
        wanted = {"timeout": "Timeout", "http_client": "Client", "http_async_client": "AsyncClient"}
        name = wanted[info.field_name or ""]
        # Who gives an object of httpx has imported it.
        kind = getattr(sys.modules.get("httpx"), name, ())
        seconds = info.field_name == "timeout" and isinstance(value, int | float) and value > 0
        if value is None or seconds or isinstance(value, kind):
            return value
        what = "seconds or an httpx.Timeout" if name == "Timeout" else f"an httpx.{name}"
        raise InvalidFieldError(f"{info.field_name}: give {what}, not {type(value).__name__}.")

    @model_validator(mode="after")
    def _check_credential(self) -> Self:
        check_credential(self.credential, read_endpoint(self.project_endpoint))
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """No secret is pickled: the first call of what comes back says what is missing."""
        state = super().__getstate__()
        fields = state["__dict__"]
        written = {
            "credential": _written(fields["credential"]),
            "default_headers": {name: LeftOut() for name in fields["default_headers"]},
            "http_client": None,
            "http_async_client": None,
        }
        return {**state, "__dict__": {**fields, **written}}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A copy that stands alone but for what cannot be copied: who asks, and over what."""
        memo = {} if memo is None else memo
        memo.update((id(one), one) for one in self._not_copied())
        return super().__deepcopy__(memo)

    def _not_copied(self) -> tuple[Any, ...]:
        # None stands for itself.
        return self.credential, self.http_client, self.http_async_client

    def _perform(self, flow: Flow[Outcome], seconds: float = _LONGEST) -> Outcome:
        """What a flow comes to, within so many seconds."""
        return perform(flow, self._transport(), seconds)

    async def _aperform(self, flow: Flow[Outcome], seconds: float = _LONGEST) -> Outcome:
        """As `_perform`."""
        return await aperform(flow, self._transport(), seconds)

    def _pages(self, page_after: Callable[[str | None], Flow[Page[Outcome]]]) -> Iterator[Outcome]:
        """What a list holds, page by page as it is asked for."""
        return pages(page_after, self._transport(), _LONGEST)

    def _apages(
        self, page_after: Callable[[str | None], Flow[Page[Outcome]]]
    ) -> AsyncIterator[Outcome]:
        """As `_pages`."""
        return apages(page_after, self._transport(), _LONGEST)

    def _transport(self, headers: Mapping[str, str | SecretStr] | None = None) -> Transport:
        """The way to the service; a call's own headers come last."""
        _loaded.add(Transport)
        if isinstance(self.credential, LeftOut):
            # It says so.
            self.credential.get_secret_value()
        endpoint = read_endpoint(self.project_endpoint)
        own = headers or {}
        # Two spellings of a name would be sent as two headers.
        names = {name.lower() for name in own}
        others = {n: text for n, text in self.default_headers.items() if n.lower() not in names}
        return Transport(
            endpoint.url,
            token_source(
                hidden(self.credential),
                self.credential_scope or endpoint.scope,
                loopback=endpoint.is_loopback and endpoint.is_plain_http,
            ),
            # Not as a local variable, which tracebacks may show.
            {name: revealed(text) for name, text in {**others, **own}.items()},
            self.timeout,
            self.http_client,
            self.http_async_client,
        )


def _written(credential: object) -> object:
    """What a pickle holds of a credential: a function by its name, else that it was left out."""
    module = sys.modules.get(getattr(credential, "__module__", None) or "")
    by_name = getattr(module, getattr(credential, "__qualname__", ""), None)
    return credential if credential is None or credential is by_name else LeftOut()
