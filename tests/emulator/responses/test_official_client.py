"""Microsoft's own clients, azure-ai-projects and openai, drive agents, conversations and files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from azure.ai.projects import AIProjectClient
from azure.ai.projects.models import (
    AgentEndpointConfig,
    FixedRatioVersionSelectionRule,
    FunctionTool,
    PromptAgentDefinition,
    VersionSelector,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from clients.credentials import FixedCredential, FixedToken
from openai import BadRequestError, NotFoundError, OpenAI

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator import FoundryEmulator


@pytest.fixture
def project(emulator: FoundryEmulator) -> Iterator[AIProjectClient]:
    token = emulator.credential
    with AIProjectClient(
        emulator.project_endpoint,
        FixedCredential(token),
        authentication_policy=FixedToken(token),
    ) as connected:
        yield connected


@pytest.fixture
def openai(project: AIProjectClient) -> Iterator[OpenAI]:
    with project.get_openai_client(max_retries=0) as connected:
        yield connected


def prompt(instructions: str = "Be brief.") -> PromptAgentDefinition:
    tool = FunctionTool(
        name="get_weather",
        description="Tells the weather.",
        parameters={"type": "object", "properties": {}},
        strict=False,
    )
    return PromptAgentDefinition(model="gpt-4.1", instructions=instructions, tools=[tool])


def test_versions_are_made_read_listed_and_deleted(project: AIProjectClient) -> None:
    first = project.agents.create_version("support", definition=prompt(), metadata={"k": "v"})
    second = project.agents.create_version("support", definition=prompt("Be kind."))

    listed = [one.version for one in project.agents.list_versions("support", limit=1)]
    gone = project.agents.delete_version("support", "2")

    assert (first.id, second.id, first.metadata) == ("support:1", "support:2", {"k": "v"})
    assert listed == ["2", "1"]
    assert (gone.deleted, gone.version) == (True, "2")
    assert project.agents.get_version("support", "1") == first
    assert project.agents.get("support").versions.latest == first
    with pytest.raises(ResourceNotFoundError, match="support:2' not found"):
        project.agents.get_version("support", "2")


def test_agents_are_listed_and_deleted(project: AIProjectClient) -> None:
    for name in ("a", "b", "c"):
        project.agents.create_version(name, definition=prompt())

    listed = [agent.name for agent in project.agents.list(limit=2)]
    deleted = project.agents.delete("b", force=True).deleted

    assert (listed, deleted) == (["c", "b", "a"], True)
    assert [agent.name for agent in project.agents.list(order="asc")] == ["a", "c"]


def test_an_endpoint_is_configured(project: AIProjectClient) -> None:
    project.agents.create_version("support", definition=prompt())
    rule = FixedRatioVersionSelectionRule(agent_version="1", traffic_percentage=100)
    config = AgentEndpointConfig(version_selector=VersionSelector(version_selection_rules=[rule]))

    agent = project.agents.update_details("support", agent_endpoint=config)

    assert agent.agent_endpoint is not None
    assert agent.agent_endpoint.version_selector == config.version_selector


def test_an_agent_is_disabled_and_enabled(project: AIProjectClient) -> None:
    project.agents.create_version("support", definition=prompt())

    project.agents.disable("support")
    disabled = project.agents.get("support").state
    project.agents.enable("support")

    assert (disabled, project.agents.get("support").state) == ("disabled", "enabled")


def test_a_bad_name_is_refused(project: AIProjectClient) -> None:
    with pytest.raises(HttpResponseError) as refused:
        project.agents.create_version("-a", definition=prompt())

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "invalid_payload"


def test_conversations_and_their_items(openai: OpenAI) -> None:
    conversation = openai.conversations.create(
        items=[{"type": "message", "role": "user", "content": "a"}], metadata={"k": "v"}
    )
    page = openai.conversations.items.create(
        conversation.id, items=[{"type": "message", "role": "user", "content": "b"}]
    )

    listed = [str(one.id) for one in openai.conversations.items.list(conversation.id, limit=1)]
    item = openai.conversations.items.retrieve(listed[0], conversation_id=conversation.id)
    openai.conversations.items.delete(listed[1], conversation_id=conversation.id)
    left = openai.conversations.items.list(conversation.id, order="asc", include=[])

    assert (len(listed), listed[0]) == (2, page.data[0].id)
    assert item.type == "message"
    assert [one.id for one in left] == listed[:1]
    updated = openai.conversations.update(conversation.id, metadata={})
    assert (conversation.metadata, updated.metadata) == ({"k": "v"}, {})
    assert openai.conversations.delete(conversation.id).deleted
    with pytest.raises(NotFoundError) as missing:
        openai.conversations.retrieve(conversation.id)
    assert missing.value.code == "not_found"


def test_too_many_items_are_refused(openai: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="at most 20") as refused:
        openai.conversations.create(
            items=[{"type": "message", "role": "user", "content": "a"}] * 21
        )

    assert refused.value.param == "items"


def test_users_do_not_see_each_others_conversations(openai: OpenAI) -> None:
    made = openai.conversations.create(extra_headers={"x-ms-user-identity": "ann"})

    with pytest.raises(NotFoundError):
        openai.conversations.retrieve(made.id, extra_headers={"x-ms-user-identity": "bob"})


def test_an_agents_own_endpoint_has_conversations(project: AIProjectClient) -> None:
    project.agents.create_version("support", definition=prompt())

    with project.get_openai_client(agent_name="support") as own:
        made = own.conversations.create()

        assert own.conversations.retrieve(made.id) == made


def test_files_go_up_and_come_back(openai: OpenAI, emulator: FoundryEmulator) -> None:
    file = openai.files.create(file=("a.txt", io.BytesIO(b"hello")), purpose="assistants")
    made = emulator.service.state.add_container_file("cntr_1", b"PNG", "chart.png")

    content = openai.files.content(file.id).read()
    chart = openai.containers.files.retrieve(made.id, container_id="cntr_1")

    assert content == b"hello"
    assert [one.id for one in openai.files.list(limit=1)] == [file.id]
    assert (chart.path, chart.bytes) == ("/mnt/data/chart.png", 3)
    assert openai.containers.files.content.retrieve(made.id, container_id="cntr_1").read() == b"PNG"
    assert openai.files.delete(file.id).deleted
