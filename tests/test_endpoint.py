"""The endpoint as people paste it: what works, and what a wrong form is told."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._endpoint import Endpoint, read_endpoint
from langchain_foundry_agents.errors import InvalidEndpointError

PROJECT = "https://res.services.ai.azure.com/api/projects/p"
PUBLIC_SCOPE = "https://ai.azure.com/.default"

COPY = "Copy the project endpoint from the project's overview page in the Foundry portal: "
TEMPLATE = COPY + "https://<resource>.services.ai.azure.com/api/projects/<project>"
COPY_RES = COPY + "https://res.services.ai.azure.com/api/projects/<project>"
PASTE = f"Paste this: {PROJECT}"


def test_a_project_endpoint_is_read_as_it_stands() -> None:
    assert read_endpoint(PROJECT) == Endpoint(
        url=PROJECT, scope=PUBLIC_SCOPE, is_loopback=False, is_plain_http=False
    )


@pytest.mark.parametrize(
    "text",
    [
        f"  {PROJECT}\n",
        f'"{PROJECT}"',
        f"'{PROJECT}/'",
        f"\u201c{PROJECT}\u201d",
        f"\ufeff{PROJECT}\u00a0",
        f"{PROJECT}///",
        f"{PROJECT}/threads",
        f"{PROJECT}/threads/thread_1/runs",
        f"{PROJECT}/assistants",
        f"{PROJECT}/openai/v1/",
        f"{PROJECT}/agents/support/versions",
        f"{PROJECT}/responses",
        "HTTPS://RES.Services.AI.Azure.com/api/projects/p",
        "https://res.services.ai.azure.com./api/projects/p",
    ],
)
def test_what_people_copy_along_is_taken_off(text: str) -> None:
    assert read_endpoint(text).url == PROJECT


@pytest.mark.parametrize(
    "url",
    [
        "https://my-gateway.azure-api.net/foundry",
        "https://my-gateway.azure-api.net/foundry/models",
        "https://agents.example.com:8443/a/b%C3%BC",
        "https://api_gateway",
        "https://evil.services.ai.azure.com.example.com",
    ],
)
def test_any_other_host_is_taken_as_given(url: str) -> None:
    assert read_endpoint(f"{url}/") == Endpoint(url, PUBLIC_SCOPE, False, False)


def test_the_api_path_behind_a_project_is_taken_off_on_any_host() -> None:
    given = "https://my-gateway.azure-api.net/foundry/api/projects/p/threads"

    assert read_endpoint(given).url == "https://my-gateway.azure-api.net/foundry/api/projects/p"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000",
        "http://127.0.0.1:51234/api/projects/local",
        "http://127.8.9.10",
        "http://[::1]:8000/x",
    ],
)
def test_plain_http_is_for_loopback(url: str) -> None:
    assert read_endpoint(url) == Endpoint(url, PUBLIC_SCOPE, is_loopback=True, is_plain_http=True)


def test_loopback_may_speak_https_too() -> None:
    url = "https://localhost:8443"

    assert read_endpoint(url) == Endpoint(url, PUBLIC_SCOPE, is_loopback=True, is_plain_http=False)


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("res.services.ai.azure.com", "https://ai.azure.com/.default"),
        ("res.services.ai.azure.us", "https://ai.azure.us/.default"),
        ("res.services.ai.azure.cn", "https://ai.azure.cn/.default"),
        ("not-azure.us", "https://ai.azure.com/.default"),
    ],
)
def test_the_scope_is_that_of_the_host_s_cloud(host: str, scope: str) -> None:
    assert read_endpoint(f"https://{host}/api/projects/p").scope == scope


HUB = "/agents/v1.0/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices"
WSID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/res"
SECRET_IN_URL = (
    "The project endpoint holds a user name or password (an “@” stands in it). Take it out and "
    f"give secrets as credential=. {TEMPLATE}"
)
QUERY = (
    "The project endpoint carries a query or a fragment (what follows “?” or “#”). The API version "
    f"is a field of its own, api_version. {PASTE}"
)
PORTAL = "The project endpoint is a page of the portal (ai.azure.com)."
NO_PROJECT = (
    "The project endpoint names the Foundry resource, but no project (/api/projects/<project>). "
)
MODELS = (
    "The project endpoint is the address of the resource's models (/models), not of a project. "
)
OPENAI = "The project endpoint is the address of an Azure OpenAI resource "
PATH = f"The path of the project endpoint holds “..”, “//”, an encoded slash or a blank. {TEMPLATE}"
BLANK = "The project endpoint holds whitespace, a backslash or a control character. " + TEMPLATE
PLACEHOLDER = f"The project endpoint still holds a placeholder (<…> or {{…}}). {TEMPLATE}"
NO_URL = f"The project endpoint is not a URL. {TEMPLATE}"
NO_HOST = f"The project endpoint is not a URL: it names no valid host. {TEMPLATE}"
UNREADABLE = f"The project endpoint is not a URL: its host or port cannot be read. {TEMPLATE}"
CONNECTION_STRING = (
    "The project endpoint is a connection string (host;subscription;resource group;project) of an "
    "old hub-based project. Open “p” (resource group “rg”) in the Foundry portal and copy its "
    "project endpoint; if it shows none, create a Foundry project for your agents: "
    "https://<resource>.services.ai.azure.com/api/projects/p"
)
HUB_URL = "The project endpoint is the Azure Machine Learning address of an old hub-based project "

WRONG_FORMS = {
    "": f"The project endpoint is empty. {TEMPLATE}",
    " '' ": f"The project endpoint is empty. {TEMPLATE}",
    "eastus.api.azureml.ms;sub-1;rg;p": CONNECTION_STRING,
    "eastus.api.azureml.ms; sub-1; rg; p;": CONNECTION_STRING,
    "endpoint=https://res;accesskey=hunter2": (
        f"The project endpoint is a connection string, not a URL. {TEMPLATE}"
    ),
    "https://res.openai.azure.com/": (
        f"{OPENAI}(res.openai.azure.com), not of a Foundry project. {COPY_RES}"
    ),
    "https://res.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21": (
        f"{OPENAI}(res.openai.azure.com), not of a Foundry project. {COPY_RES}"
    ),
    "res.openai.azure.us": (
        f"{OPENAI}(res.openai.azure.us), not of a Foundry project. "
        f"{COPY}https://res.services.ai.azure.us/api/projects/<project>"
    ),
    "https://res.cognitiveservices.azure.com": (
        "The project endpoint is the address of an Azure AI services resource "
        f"(res.cognitiveservices.azure.com), not of a Foundry project. {COPY_RES}"
    ),
    "https://res.cognitiveservices.azure.com/api/projects/p": (
        "The project endpoint is the address of an Azure AI services resource "
        f"(res.cognitiveservices.azure.com), not of a Foundry project. {PASTE}"
    ),
    "https://res.services.ai.azure.com": NO_PROJECT + COPY_RES,
    "https://res.services.ai.azure.com/api/projects/": NO_PROJECT + COPY_RES,
    "https://res.services.ai.azure.com/openai/v1": NO_PROJECT + COPY_RES,
    "https://res.services.ai.azure.com/models": MODELS + COPY_RES,
    "https://res.services.ai.azure.com/models/chat/completions?api-version=1": MODELS + COPY_RES,
    f"{PROJECT}/models": f"The project endpoint goes on behind the project “p”. {PASTE}",
    f"https://eastus.api.azureml.ms{HUB}/workspaces/p": (
        f"{HUB_URL}(eastus.api.azureml.ms). Open “p” (resource group “rg”) in the Foundry portal "
        "and copy its project endpoint; if it shows none, create a Foundry project for your "
        "agents: https://<resource>.services.ai.azure.com/api/projects/p"
    ),
    "https://usgovvirginia.api.ml.azure.us": (
        f"{HUB_URL}(usgovvirginia.api.ml.azure.us). Open the project in the Foundry portal and "
        "copy its project endpoint; if it shows none, create a Foundry project for your agents: "
        "https://<resource>.services.ai.azure.us/api/projects/<project>"
    ),
    "https://ai.azure.com": f"{PORTAL} {TEMPLATE}",
    f"https://ai.azure.com/build/agents?wsid={WSID}/projects/p&tid=1": f"{PORTAL} {PASTE}",
    "https://ai.azure.com/nextgen/r/c3Vi,rg,,res,p/build/agents": f"{PORTAL} {PASTE}",
    "https://ai.azure.com/build?wsid=%2FresourceGroups%2Frg%2Fworkspaces%2Fp": (
        f"{PORTAL} {COPY}https://<resource>.services.ai.azure.com/api/projects/p"
    ),
    "res.services.ai.azure.com/api/projects/p": (
        f"The project endpoint has no scheme (https://). {PASTE}"
    ),
    "//res.services.ai.azure.com/api/projects/p/threads": (
        f"The project endpoint has no scheme (https://). {PASTE}"
    ),
    "https:/res.services.ai.azure.com/api/projects/p": (
        f"The project endpoint has no scheme (https://). {PASTE}"
    ),
    "localhost:8000": (
        "The project endpoint has no scheme (https://). Paste this: http://localhost:8000"
    ),
    "wss://res.services.ai.azure.com/api/projects/p": (
        f"The project endpoint starts with wss://. {PASTE}"
    ),
    f"PROJECT_ENDPOINT={PROJECT}": (
        f"The project endpoint does not start with https://. {TEMPLATE}"
    ),
    "http://res.services.ai.azure.com/api/projects/p": (
        "The project endpoint is plain http to res.services.ai.azure.com: tokens would travel "
        f"unprotected. {PASTE}"
    ),
    "http://127.0.0.1.example.com:80": (
        "The project endpoint is plain http to 127.0.0.1.example.com: tokens would travel "
        "unprotected. Paste this: https://127.0.0.1.example.com:80"
    ),
    "https://me:hunter2@res.services.ai.azure.com/api/projects/p": SECRET_IN_URL,
    "https://me:hun/ter2@res.services.ai.azure.com/api/projects/p": SECRET_IN_URL,
    "me:hunter2@res.services.ai.azure.com": SECRET_IN_URL,
    f"{PROJECT}?api-version=v1": QUERY,
    f"{PROJECT}/threads?subscription-key=hunter2": QUERY,
    f"{PROJECT}#overview": QUERY,
    f"{PROJECT}/../q": PATH,
    f"{PROJECT}/%2e%2E/q": PATH,
    f"{PROJECT}/%252e%252e": PATH,
    f"{PROJECT}%2fq": PATH,
    f"{PROJECT}%5cq": PATH,
    f"{PROJECT}%20q": PATH,
    "https://res.services.ai.azure.com//api/projects/p": PATH,
    f"{PROJECT} q": BLANK,
    f"{PROJECT}\nq": BLANK,
    "http://localhost\\.example.com": BLANK,
    "https://<resource>.services.ai.azure.com/api/projects/<project>": PLACEHOLDER,
    "https://res.services.ai.azure.com/api/projects/{project}": PLACEHOLDER,
    "hunter2": NO_URL,
    "https://": NO_HOST,
    "https://re$s.example.com": NO_HOST,
    "https://res.services.ai.azure.com:port/api/projects/p": UNREADABLE,
    "https://[::1": UNREADABLE,
}


@pytest.mark.parametrize(("text", "message"), WRONG_FORMS.items(), ids=WRONG_FORMS)
def test_a_wrong_form_is_told_what_it_is_and_what_to_paste(text: str, message: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        read_endpoint(text)

    assert str(caught.value) == message


@pytest.mark.parametrize("text", [text for text in WRONG_FORMS if "hun" in text])
def test_no_secret_is_repeated(text: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        read_endpoint(text)

    assert "hun" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "message"),
    [case for case in WRONG_FORMS.items() if "Paste this: " in case[1]],
)
def test_an_address_that_is_advised_works(text: str, message: str) -> None:
    advised = message.partition("Paste this: ")[2]

    assert read_endpoint(advised).url == advised != text
