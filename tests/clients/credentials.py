"""The emulator's token, in the forms that Azure's clients take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import SansIOHTTPPolicy

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineRequest


class FixedToken(SansIOHTTPPolicy[Any, Any]):
    """azure-core sends no bearer token over plain http by itself."""

    def __init__(self, token: str) -> None:
        self._token = token

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"


class FixedCredential:
    """Gives the token to who asks, such as the openai client of a project."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, 2**33)


class AsyncCredential:
    """The same for async clients."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, 2**33)

    async def close(self) -> None:
        """There is nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
