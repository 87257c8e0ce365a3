"""Reads a project endpoint, and explains one that cannot work. Text only: nothing is asked.

Azure's own hosts are read strictly, as their wrong forms are known; any other host (a gateway, an
emulator) is taken as given. A message never repeats what stands before an “@” or after a “?”, nor
a text that is no address at all: each may hold a secret.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from langchain_foundry_agents.errors import InvalidEndpointError

if TYPE_CHECKING:
    from collections.abc import Callable

_PUBLIC = "azure.com"
_SCOPES = {
    _PUBLIC: "https://ai.azure.com/.default",
    "azure.us": "https://ai.azure.us/.default",
    # By the pattern of the other two: no value of Microsoft's is known.
    "azure.cn": "https://ai.azure.cn/.default",
}
_CLOUDS = "|".join(map(re.escape, _SCOPES))

# Blanks and quotes of all kinds, as shells, .env files and web pages leave them.
_AROUND = string.whitespace + "\"'`\u00a0\u200b\ufeff\u2018\u2019\u201c\u201d"
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*")
_NAME = re.compile(r"[\w.()-]+")

_PORTAL_HOST = re.compile(rf"(ai|oai|ml|portal)\.({_CLOUDS})")
_HUB_HOST = re.compile(r".+\.api\.(azureml\.ms|ml\.azure\.(us|cn))")
_RESOURCE_HOST = re.compile(
    rf"(?P<resource>[\w-]+)\.(?P<kind>openai|cognitiveservices|services\.ai)\.({_CLOUDS})"
)
_OTHER_RESOURCES = {
    "openai": "an Azure OpenAI resource",
    "cognitiveservices": "an Azure AI services resource",
}

_PROJECT_PATH = re.compile(
    r"(?P<base>.*?/api/projects/(?P<project>[^/]+))(/(?P<rest>.+))?", re.IGNORECASE
)
# What the APIs of both generations put behind the project, and what people copy along.
_API_PATHS = frozenset(
    {"agents", "assistants", "conversations", "files", "openai", "responses", "threads"}
)
# Compiled where one is needed: few endpoints are wrong.
_IN_PORTAL = (
    r"(?i)accounts/(?P<resource>[\w-]+)/projects/(?P<project>[\w.-]+)",
    r"/r/[^/?]*,,(?P<resource>[\w-]+),(?P<project>[\w.-]+)",
    r"(?i)workspaces/(?P<project>[\w.-]+)",
)
_IN_HUB = (
    r"(?i)/resourceGroups/(?P<group>[\w.()-]+)/providers/[^/]+/workspaces/(?P<project>[\w.-]+)"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A project endpoint that can work."""

    url: str
    """Without a trailing slash."""
    scope: str
    """The token scope of the cloud that the host belongs to."""
    is_loopback: bool
    is_plain_http: bool
    """Only ever so on loopback."""


@dataclass(frozen=True, slots=True)
class _Address:
    """A URL in parts; `path` has neither trailing slashes nor a trailing API path.

    `extra` is what the URL says in its query and fragment.
    """

    scheme: str
    host: str
    port: str
    path: str
    extra: str

    @property
    def url(self) -> str:
        return self.with_scheme(self.scheme)

    def with_scheme(self, scheme: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}{self.port}{self.path}"

    @property
    def project(self) -> str | None:
        match = _PROJECT_PATH.match(self.path)
        return match["project"] if match else None


# Each turn asks for its endpoint again, and it is the same one.
@lru_cache(maxsize=128)
def read_endpoint(text: str) -> Endpoint:
    """Read a project endpoint as people paste it.

    Args:
        text: The endpoint. Blanks and quotes around it, trailing slashes, and an API path behind
            the project (`/threads`, `/openai/v1` …) are taken off.

    Returns:
        The endpoint with what follows from its host.

    Raises:
        InvalidEndpointError: It has a form that cannot work; the message says which one, and what
            to paste.
    """
    pasted = text.strip(_AROUND)
    if error := _wrong_text(pasted):
        raise error
    if not re.match("https?://", pasted, re.IGNORECASE):
        raise _without_scheme(pasted)
    address = _split(pasted)
    for complaint in _COMPLAINTS:
        if error := complaint(address):
            raise error
    return Endpoint(
        url=address.url,
        scope=_SCOPES[_cloud(address.host)],
        is_loopback=_is_loopback(address.host),
        is_plain_http=address.scheme == "http",
    )


def _wrong_text(text: str) -> InvalidEndpointError | None:
    """What is wrong before the text is read as a URL; first of all, so that no secret is echoed."""
    if not text:
        return InvalidEndpointError("The project endpoint is empty.")
    if "@" in text:
        return InvalidEndpointError(
            "The project endpoint holds a user name or password (an “@” stands in it).",
            remedy=f"Take it out and give secrets as credential=. {InvalidEndpointError.remedy}",
        )
    if ";" in text.partition("?")[0]:
        return _connection_string(text)
    if re.search(r"[<>{}]", text):
        return InvalidEndpointError("The project endpoint still holds a placeholder (<…> or {…}).")
    if "\\" in text or _has_blanks(text):
        return InvalidEndpointError(
            "The project endpoint holds whitespace, a backslash or a control character."
        )
    return None


def _connection_string(text: str) -> InvalidEndpointError:
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) != 4 or not all(map(_NAME.fullmatch, parts)):
        return InvalidEndpointError("The project endpoint is a connection string, not a URL.")
    host, _, group, project = parts
    return InvalidEndpointError(
        "The project endpoint is a connection string (host;subscription;resource group;project) "
        "of an old hub-based project.",
        remedy=_move_from_hub(_cloud(host), group, project),
    )


def _without_scheme(text: str) -> InvalidEndpointError:
    """The text's other faults come first: an address that we advise must be one that works."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", text, re.IGNORECASE)
    if scheme is None and "://" in text:
        return InvalidEndpointError("The project endpoint does not start with https://.")
    rest = re.sub(r"^(https?:|[a-z][a-z0-9+.-]*://)?/*", "", text, flags=re.IGNORECASE)
    host = rest.partition("/")[0].partition(":")[0]
    if "." not in host and not _is_loopback(host):
        return InvalidEndpointError("The project endpoint is not a URL.")
    fixed = read_endpoint(f"{'http' if _is_loopback(host) else 'https'}://{rest}")
    what = f"starts with {scheme[0]}" if scheme else "has no scheme (https://)"
    return InvalidEndpointError(f"The project endpoint {what}.", remedy=_paste(fixed.url))


def _split(text: str) -> _Address:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidEndpointError(
            "The project endpoint is not a URL: its host or port cannot be read."
        ) from None
    host = (parts.hostname or "").removesuffix(".")
    if not _HOST.fullmatch(host) and not _is_ip(host):
        raise InvalidEndpointError("The project endpoint is not a URL: it names no valid host.")
    path = parts.path.rstrip("/")
    if _is_tricky(path):
        raise InvalidEndpointError(
            "The path of the project endpoint holds “..”, “//”, an encoded slash or a blank."
        )
    match = _PROJECT_PATH.fullmatch(path)
    if match and match["rest"] and match["rest"].lower().partition("/")[0] in _API_PATHS:
        path = match["base"]
    return _Address(
        scheme=parts.scheme,
        host=host,
        port="" if port is None else f":{port}",
        path=path,
        extra=parts.query + parts.fragment,
    )


def _is_tricky(path: str) -> bool:
    """Whether it could mean another path to somebody on the way, however often it is encoded."""
    decoded, before = unquote(path), path
    while decoded != before:
        decoded, before = unquote(decoded), decoded
    return (
        not {"", ".", ".."}.isdisjoint(decoded.split("/")[1:])
        or decoded.count("/") != path.count("/")
        or "\\" in decoded
        or _has_blanks(decoded)
    )


def _portal(address: _Address) -> InvalidEndpointError | None:
    if not _PORTAL_HOST.fullmatch(address.host):
        return None
    where = unquote(f"{address.path}?{address.extra}")
    found = next((match for form in _IN_PORTAL if (match := re.search(form, where))), None)
    names = found.groupdict() if found else {}
    return InvalidEndpointError(
        f"The project endpoint is a page of the portal ({address.host}).",
        remedy=_paste(_project_url(_cloud(address.host), **names)),
    )


def _hub(address: _Address) -> InvalidEndpointError | None:
    if not _HUB_HOST.fullmatch(address.host):
        return None
    found = re.search(_IN_HUB, address.path)
    names = found.groupdict() if found else {}
    return InvalidEndpointError(
        "The project endpoint is the Azure Machine Learning address of an old hub-based project "
        f"({address.host}).",
        remedy=_move_from_hub(_cloud(address.host), **names),
    )


def _other_resource(address: _Address) -> InvalidEndpointError | None:
    match = _RESOURCE_HOST.fullmatch(address.host)
    if match is None or match["kind"] not in _OTHER_RESOURCES:
        return None
    url = _project_url(_cloud(address.host), match["resource"], address.project or "<project>")
    return InvalidEndpointError(
        f"The project endpoint is the address of {_OTHER_RESOURCES[match['kind']]} "
        f"({address.host}), not of a Foundry project.",
        remedy=_paste(url),
    )


def _foundry_path(address: _Address) -> InvalidEndpointError | None:
    """On a Foundry resource's host, only `/api/projects/<project>` can work."""
    match = _RESOURCE_HOST.fullmatch(address.host)
    if match is None or re.fullmatch(r"/api/projects/[^/]+", address.path, re.IGNORECASE):
        return None
    first = address.path.lower().split("/")[1:2]
    if first == ["models"]:
        what = "is the address of the resource's models (/models), not of a project"
    elif address.project is None:
        what = "names the Foundry resource, but no project (/api/projects/<project>)"
    else:
        what = f"goes on behind the project “{address.project}”"
    url = _project_url(_cloud(address.host), match["resource"], address.project or "<project>")
    return InvalidEndpointError(f"The project endpoint {what}.", remedy=_paste(url))


def _extra(address: _Address) -> InvalidEndpointError | None:
    if not address.extra:
        return None
    return InvalidEndpointError(
        "The project endpoint carries a query or a fragment (what follows “?” or “#”).",
        remedy=f"The API version is a field of its own, api_version. {_paste(address.url)}",
    )


def _plain_http(address: _Address) -> InvalidEndpointError | None:
    if address.scheme == "https" or _is_loopback(address.host):
        return None
    return InvalidEndpointError(
        f"The project endpoint is plain http to {address.host}: tokens would travel unprotected.",
        remedy=_paste(address.with_scheme("https")),
    )


_COMPLAINTS: tuple[Callable[[_Address], InvalidEndpointError | None], ...] = (
    _portal,
    _hub,
    _other_resource,
    _foundry_path,
    _extra,
    _plain_http,
)


def _cloud(host: str) -> str:
    return next((cloud for cloud in _SCOPES if host.lower().endswith(f".{cloud}")), _PUBLIC)


def _project_url(cloud: str, resource: str = "<resource>", project: str = "<project>") -> str:
    return f"https://{resource}.services.ai.{cloud}/api/projects/{project}"


def _paste(url: str) -> str:
    """The advice ends with the address itself: no full stop that would be copied along."""
    if "<" not in url:
        return f"Paste this: {url}"
    return InvalidEndpointError.remedy.replace(_project_url(_PUBLIC), url)


def _move_from_hub(cloud: str, group: str | None = None, project: str | None = None) -> str:
    which = f"“{project}” (resource group “{group}”)" if project else "the project"
    return (
        f"Open {which} in the Foundry portal and copy its project endpoint; if it shows none, "
        "create a Foundry project for your agents: "
        + _project_url(cloud, project=project or "<project>")
    )


def _has_blanks(text: str) -> bool:
    return not text.isprintable() or any(map(str.isspace, text))


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host.lower() == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)
