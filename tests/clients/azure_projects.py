"""azure-ai-projects: agents with versions and sessions, and the openai clients that it makes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from azure.ai.projects import AIProjectClient, aio
from azure.ai.projects.models import (
    AgentEndpointConfig,
    FixedRatioVersionSelectionRule,
    HostedAgentDefinition,
    PromptAgentDefinition,
    VersionRefIndicator,
    VersionSelector,
)
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.core.rest import HttpRequest

from .credentials import AsyncCredential, FixedCredential, FixedToken
from .seats import AsyncSeat, Blocking, Seat, everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator import FoundryEmulator


PACKAGES = ("azure-ai-projects", "openai")
NAME = "support"
PROMPT = PromptAgentDefinition(model="gpt-4.1", instructions="Be brief.")
HOSTED = HostedAgentDefinition({"kind": "hosted", "image": "echo", "cpu": "1", "memory": "1Gi"})
QUESTION = "What is 17 * 23?"
AGENT = {"agent_reference": {"type": "agent_reference", "name": NAME}}
CONFIG = AgentEndpointConfig(
    version_selector=VersionSelector(
        version_selection_rules=[
            FixedRatioVersionSelectionRule(agent_version="1", traffic_percentage=100)
        ]
    )
)


class Desk(Seat):
    """A client, and what its operations need, made as they ask for it."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.others: list[Any] = []
        super().__init__(emulator)

    def connect(self) -> Any:
        token = self.emulator.credential
        return AIProjectClient(
            self.emulator.project_endpoint,
            FixedCredential(token),
            authentication_policy=FixedToken(token),
        )

    @cached_property
    def version(self) -> Any:
        return self.client.agents.create_version(NAME, definition=PROMPT)

    @cached_property
    def agent(self) -> Any:
        return self.client.agents.get(self.version.name)

    @cached_property
    def hosted(self) -> Any:
        return self.client.agents.create_version("box", definition=HOSTED)

    @cached_property
    def session(self) -> Any:
        return self.client.agents.create_session(
            self.hosted.name, version_indicator=VersionRefIndicator(agent_version="1")
        )

    def states(self) -> list[Any]:
        """The agent's states after it was disabled, and enabled again."""
        found = []
        for change in (self.client.agents.disable, self.client.agents.enable):
            change(self.version.name)
            found.append(self.client.agents.get(NAME).state)
        return found

    def stopped(self) -> Any:
        self.client.agents.stop_session("box", self.session.agent_session_id)
        return self.client.agents.get_session("box", self.session.agent_session_id).status

    def openai(self, **settings: Any) -> Any:
        """The openai client of the project, or of an agent."""
        self.version  # noqa: B018 - it is made by being asked for
        self.others.append(self.new_openai(**settings))
        return self.others[-1]

    def new_openai(self, **settings: Any) -> Any:
        return self.client.get_openai_client(**settings)

    def close(self) -> None:
        """Closes the clients."""
        for other in self.others:
            other.close()
        super().close()

    def talk(self) -> list[str]:
        """The roles of a conversation of one turn."""
        client = self.openai()
        conversation = client.conversations.create().id
        client.responses.create(input=QUESTION, conversation=conversation, extra_body=AGENT)
        items = everything(client.conversations.items.list(conversation, order="asc"))
        return [item.role for item in items]

    def streamed(self) -> str:
        events = everything(
            self.openai().responses.create(input=QUESTION, stream=True, extra_body=AGENT)
        )
        return str(events[-1].response.output_text)

    def ping(self) -> int:
        """The status of a request that the client only authenticates."""
        url = f"{self.emulator.project_endpoint}/agents?api-version=v1"
        return int(self.client.send_request(HttpRequest("GET", url)).status_code)


class AsyncDesk(AsyncSeat, Desk):
    """The same with the async client."""

    def connect(self) -> Any:
        token = self.emulator.credential
        client = aio.AIProjectClient(
            self.emulator.project_endpoint,
            AsyncCredential(token),
            authentication_policy=FixedToken(token),
            transport=AsyncioRequestsTransport(),
        )
        return Blocking(client, self.loop)

    def new_openai(self, **settings: Any) -> Any:
        return Blocking(self.client.inner.get_openai_client(**settings), self.loop)


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "agents.create_version": lambda desk: (
        (desk.version.id, desk.version.definition) == ("support:1", PROMPT)
    ),
    "agents.get": lambda desk: desk.agent.versions.latest == desk.version,
    "agents.get_version": lambda desk: (
        desk.client.agents.get_version(desk.version.name, "1") == desk.version
    ),
    "agents.list": lambda desk: (
        [desk.agent.name] == [one.name for one in everything(desk.client.agents.list(limit=1))]
    ),
    "agents.list_versions": lambda desk: (
        [desk.version.version]
        == [one.version for one in everything(desk.client.agents.list_versions(NAME, limit=1))]
    ),
    "agents.update_details": lambda desk: (
        desk.client.agents.update_details(
            desk.version.name, agent_endpoint=CONFIG
        ).agent_endpoint.version_selector
        == CONFIG.version_selector
    ),
    "agents.disable": lambda desk: desk.states()[0] == "disabled",
    "agents.enable": lambda desk: desk.states()[1] == "enabled",
    "agents.delete_version": lambda desk: desk.gone(
        lambda: desk.client.agents.delete_version(desk.version.name, "1"), desk.client.agents.list
    ),
    "agents.delete": lambda desk: desk.gone(
        lambda: desk.client.agents.delete(desk.version.name), desk.client.agents.list
    ),
    "agents.create_session": lambda desk: desk.session.version_indicator.agent_version == "1",
    "agents.get_session": lambda desk: (
        desk.client.agents.get_session("box", desk.session.agent_session_id) == desk.session
    ),
    "agents.list_sessions": lambda desk: (
        [desk.session.agent_session_id]
        == [one.agent_session_id for one in everything(desk.client.agents.list_sessions("box"))]
    ),
    "agents.stop_session": lambda desk: desk.stopped() == "idle",
    "agents.delete_session": lambda desk: desk.gone(
        lambda: desk.client.agents.delete_session("box", desk.session.agent_session_id),
        lambda: desk.client.agents.list_sessions("box"),
    ),
    "send_request": lambda desk: desk.ping() == 200,
    "get_openai_client().responses": lambda desk: (
        desk.openai().responses.create(input=QUESTION, extra_body=AGENT).output_text
        == "17 * 23 = 391."
    ),
    "get_openai_client().responses, streamed": lambda desk: desk.streamed() == "17 * 23 = 391.",
    "get_openai_client().conversations": lambda desk: desk.talk() == ["user", "assistant"],
    "get_openai_client(agent_name=…).responses": lambda desk: (
        desk.openai(agent_name=NAME).responses.create(input=QUESTION).output_text
        == "17 * 23 = 391."
    ),
    "get_openai_client(agent_name=…).conversations": lambda desk: (
        desk.openai(agent_name=NAME).conversations.create().id.startswith("conv_")
    ),
}
