"""Which official clients there are, where they are installed, and how an operation is tried."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator import FoundryEmulator

from .seats import Blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Column:
    """A client, and the environment that has it."""

    name: str
    desk: str
    environment: str


@dataclass(frozen=True)
class Family:
    """Clients with the same operations.

    `module` is one of this package. `roots` are the parts of the client whose public operations
    have to have a row each, but for those `elsewhere`, which the emulator does not serve.
    """

    title: str
    module: str
    columns: tuple[Column, ...]
    roots: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def operations(self) -> dict[str, Callable[[Any], Any]]:
        """What is tried: each is a function of a desk, which says whether all went well."""
        found: dict[str, Callable[[Any], Any]] = self._module.OPERATIONS
        return found

    @property
    def versions(self) -> dict[str, str]:
        """The clients' packages, as they are installed here."""
        return {package: version(package) for package in self._module.PACKAGES}

    def attempt(self, column: Column, operation: str) -> str | None:
        """Tries an operation on an emulator of its own.

        Returns:
            What went wrong; None if nothing did.
        """
        with warnings.catch_warnings(), FoundryEmulator() as emulator:
            # What clients say of themselves, such as that assistants are deprecated.
            warnings.simplefilter("ignore")
            desk = getattr(self._module, column.desk)(emulator)
            try:
                good = self.operations[operation](desk)
            except Exception as error:  # noqa: BLE001 - the error is the finding
                return f"{type(error).__name__}: {error}"
            finally:
                desk.close()
        return None if good is True else f"not what was expected: {good!r}"

    def public_operations(self, column: Column) -> set[str]:
        """The operations that the client itself has, below the roots."""
        with FoundryEmulator() as emulator:
            desk = getattr(self._module, column.desk)(emulator)
            client = desk.client.inner if isinstance(desk.client, Blocking) else desk.client
            try:
                return {name for root in self.roots for name in _operations(client, root)}
            finally:
                desk.close()

    @property
    def _module(self) -> Any:
        return import_module(f".{self.module}", __package__)


def _operations(client: Any, root: str) -> Iterator[str]:
    value = client
    for name in filter(None, root.split(".")):
        value = getattr(value, name)
    if inspect.isroutine(value):
        yield root
        return
    for name in dir(value):
        inner = None if name.startswith(("_", "with_")) else getattr(value, name)
        path = f"{root}.{name}".removeprefix(".")
        if inspect.isroutine(inner):
            yield path
        elif type(inner).__module__.startswith(("azure.ai.agents.", "openai.resources.")):
            yield from _operations(client, path)


def _both(environment: str) -> tuple[Column, Column]:
    return Column("sync", "Desk", environment), Column("async", "AsyncDesk", environment)


DEV, PEERS, GRAPHS = "dev", "peers", "graphs"
FAMILIES = (
    Family(
        "azure-ai-agents",
        "azure_agents",
        _both(DEV) + _both(PEERS),
        roots=("",),
        elsewhere=("close",),
    ),
    Family(
        "azure-ai-projects",
        "azure_projects",
        _both(DEV),
        roots=("agents", "send_request"),
        elsewhere=(
            "agents.begin_create_optimization_job",
            "agents.cancel_optimization_job",
            "agents.create_version_from_code",
            "agents.create_version_from_manifest",
            "agents.delete_optimization_job",
            "agents.delete_session_file",
            "agents.download_code",
            "agents.download_session_file",
            "agents.estimate_optimization_job",
            "agents.get_microsoft365_package",
            "agents.get_microsoft365_publish_defaults",
            "agents.get_optimization_candidate",
            "agents.get_optimization_job",
            "agents.get_session_log_stream",
            "agents.list_optimization_candidates",
            "agents.list_optimization_jobs",
            "agents.list_session_files",
            "agents.promote_optimization_candidate",
            "agents.publish_to_microsoft365",
            "agents.upload_session_file",
        ),
    ),
    Family(
        "openai: responses and more",
        "openai_new",
        _both(DEV),
        roots=("responses", "conversations", "files", "containers", "vector_stores"),
        elsewhere=("responses.compact", "responses.connect", "responses.input_tokens.count"),
    ),
    Family(
        "openai: Assistants",
        "openai_classic",
        _both(DEV),
        roots=("beta.assistants", "beta.threads"),
    ),
    Family(
        "langchain-azure-ai: `agents.v1`",
        "langchain_azure_classic",
        (Column("graph", "Desk", PEERS),),
    ),
    Family(
        "langchain-azure-ai: `agents`",
        "langchain_azure_new",
        (Column("graph", "Desk", GRAPHS),),
    ),
    Family("litellm", "litellm_agents", (Column("library", "Desk", PEERS),)),
)
