"""`foundry-agents doctor` against everything that can be wrong, over real sockets."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import azure.identity
import pytest
from azure.core.credentials import AccessToken
from safety.tls import certify, secure_service

from langchain_foundry_agents import _credentials
from langchain_foundry_agents._doctor import Finding, examine
from langchain_foundry_agents.cli import main
from langchain_foundry_agents.emulator import FoundryEmulator

from .jwt import CANARY, jwt

NAMES = ["endpoint", "dns", "tls", "credential", "token", "role", "agent", "run"]
ENTRA = "https://contoso.invalid/api/projects/demo"

Doctor = Callable[..., tuple[int, str]]


@pytest.fixture
def doctor(
    emulator: FoundryEmulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Doctor]:
    """Runs `foundry-agents doctor` on a new agent of the emulator: its code, and what it prints."""
    terminate = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
    monkeypatch.setenv(
        "AZURE_AI_AGENT_NAME", emulator.create_agent(name="support", generation="new")
    )

    def run(arguments: str = "") -> tuple[int, str]:
        code = main(["doctor", *shlex.split(arguments)])
        return code, "".join(capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, terminate)


def marks(printed: str) -> str:
    """The first characters of the lines that are checks."""
    lines = [line.split() for line in printed.splitlines()]
    return "".join(words[0] for words in lines if len(words) > 1 and words[1] in NAMES)


def checks_of(fields: dict[str, object]) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(fields)}


def statuses(findings: dict[str, Finding]) -> list[str]:
    return [finding.status for finding in findings.values()]


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_all_checks_go_well_on_an_emulator_of_its_own(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, generation: str
) -> None:
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", "")

    code, printed = doctor(f"--emulator --generation {generation}")

    assert (code, marks(printed)) == (0, "✓✓✓✓✓✓✓✓")
    assert f"helper, {generation}, " in printed
    assert "first word after 0." in printed
    assert printed.endswith("All is well.\n")


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_nothing_of_the_run_stays_on_the_service(
    doctor: Doctor, emulator: FoundryEmulator, generation: str
) -> None:
    agent_id = emulator.create_agent()
    code, _ = doctor(f"--agent-id {agent_id}" if generation == "classic" else "")

    state = emulator.service.state
    assert (code, state.threads, state.conversations) == (0, {}, {})


def test_json_is_one_object_that_names_every_check(doctor: Doctor) -> None:
    code, printed = doctor("--json --agent-name suport")

    report = json.loads(printed)
    assert (code, report["ok"]) == (1, False)
    assert [check["name"] for check in report["checks"]] == NAMES
    agent, run = report["checks"][-2:]
    assert (agent["status"], agent["remedy"]) == ("failed", "Did you mean --agent-name support?")
    assert run == {"name": "run", "status": "skipped", "detail": "agent", "remedy": ""}


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("https://contoso.openai.azure.com", "is the address of an Azure OpenAI resource"),
        ("https://contoso.services.ai.azure.com", "names the Foundry resource, but no project"),
        ("eastus.api.azureml.ms;sub;group;project", "is a connection string"),
        ("https://ai.azure.com/nextgen", "is a page of the portal"),
        ("http://gateway.example/api/projects/p", "is plain http to gateway.example"),
    ],
)
def test_an_endpoint_of_a_wrong_form_is_told_and_the_rest_is_skipped(
    doctor: Doctor, endpoint: str, says: str
) -> None:
    code, printed = doctor(f"--endpoint '{endpoint}'")

    assert (code, marks(printed)) == (1, "✗–––––––")
    assert says in printed
    assert printed.count("not checked, as endpoint failed") == 7


def test_no_endpoint_at_all_is_told(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_AI_PROJECT_ENDPOINT")

    assert "set AZURE_AI_PROJECT_ENDPOINT" in doctor()[1]


def test_a_host_that_leads_nowhere_is_told(doctor: Doctor) -> None:
    code, printed = doctor("--endpoint https://nowhere.invalid/api/projects/p")

    assert (code, marks(printed)[:3]) == (1, "✓✗–")
    assert "The name nowhere.invalid leads to no address" in printed
    assert "private DNS zone" in printed


def test_behind_a_proxy_it_is_the_proxy_that_has_to_be_found(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:1")

    _, printed = doctor("--endpoint https://nowhere.invalid/api/projects/p")

    assert "127.0.0.1: the environment's proxy, which looks the service up itself" in printed
    assert "secret" not in printed


def test_a_port_where_nobody_listens_is_told(doctor: Doctor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, printed = doctor(f"--endpoint http://127.0.0.1:{port}/api/projects/p")

    assert (code, marks(printed)) == (1, "✓✓✗✓✓–––")
    assert "The connection to 127.0.0.1 failed" in printed
    assert printed.count("not checked, as tls failed") == 3


def test_a_certificate_of_an_unknown_authority_is_told(doctor: Doctor, tmp_path: Path) -> None:
    pem = certify("localhost").write(tmp_path / "server.pem")
    with secure_service(pem) as service:
        findings = checks_of({"project_endpoint": service.url, "credential": jwt})

        assert service.requests == []
    assert findings["tls"].status == "failed"
    assert "certificate of localhost was not accepted: self-signed" in findings["tls"].detail
    assert "set SSL_CERT_FILE" in findings["tls"].remedy


def test_a_credential_without_a_token_says_what_it_tried() -> None:
    class Chain:
        def get_token(self, *scopes: str) -> AccessToken:
            raise azure.identity.CredentialUnavailableError(
                "No token.\nAttempted credentials:\n"
                "\tAzureCliCredential: AzureCliCredential is unavailable. See https://a.b\n"
                "\tBrokerCredential: Not here"
            )

    findings = checks_of({"project_endpoint": ENTRA, "credential": Chain()})

    assert findings["credential"].status == "failed"
    assert findings["credential"].detail.splitlines()[1:] == [
        "AzureCliCredential: is unavailable",
        "BrokerCredential: Not here",
    ]
    assert findings["token"].detail == "credential"


def test_the_credential_that_azures_default_took_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Chosen:
        def get_token(self, *scopes: str, **_: object) -> AccessToken:
            return AccessToken(jwt(), 2_000_000_000)

    chain = azure.identity.ChainedTokenCredential(Chosen())
    monkeypatch.setattr(_credentials, "_SHARED", type(_credentials._SHARED)())
    monkeypatch.setattr("langchain_foundry_agents._credentials.default_credential", lambda: chain)
    monkeypatch.setattr("langchain_foundry_agents._doctor.tokens.default_credential", lambda: chain)

    findings = checks_of({"project_endpoint": ENTRA})

    assert findings["credential"].detail == "DefaultAzureCredential took Chosen"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"exp": 1}, "The token expired"),
        ({"aud": "https://cognitiveservices.azure.com"}, "for the audience https://cognitive"),
    ],
)
def test_a_token_that_cannot_work_is_told_and_never_shown(
    emulator: FoundryEmulator, claims: dict[str, object], says: str
) -> None:
    fields = {"project_endpoint": emulator.project_endpoint, "credential": lambda: jwt(**claims)}

    findings = checks_of(fields)

    assert statuses(findings)[4:] == ["failed", "skipped", "skipped", "skipped"]
    assert says in findings["token"].detail
    assert CANARY not in repr(findings)


@pytest.mark.parametrize(
    ("fault", "on", "failing", "says"),
    [
        ("expired-token", "**", "role", "Sign in again"),
        ("permission-denied", "**", "role", "the data action Microsoft.CognitiveServices"),
        ("permission-denied", "POST /responses", "run", "the role “Foundry User”"),
        ("html-page", "GET /agents", "role", "HTTP 502 with a body that is no error message"),
        ("rate-limit", "GET /agents/*", "agent", "Too many requests."),
        ("rate-limit", "POST /responses", "run", "Too many requests."),
        ("run-rate-limit", "POST /responses", "run", "Rate limit is exceeded."),
        ("server-error", "POST /responses", "run", "Sorry, something went wrong."),
    ],
)
def test_what_the_service_refuses_is_told_where_it_is_met(
    doctor: Doctor, emulator: FoundryEmulator, fault: str, on: str, failing: str, says: str
) -> None:
    with emulator.inject(fault, on=on, chance=1):
        code, printed = doctor("--json")

    found = {check["name"]: check for check in json.loads(printed)["checks"]}
    failed = [name for name, check in found.items() if check["status"] == "failed"]
    assert (code, failed) == (1, [failing])
    assert says in f"{found[failing]['detail']} {found[failing]['remedy']}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--agent-name suport", "Did you mean --agent-name support?"),
        ("--agent-name helper", "A classic agent has this name: give it as --agent-id asst_"),
        ("--agent-name zzz", "The project has --agent-name support, --agent-id asst_"),
        ("--agent-id asst_gone", "The project has --agent-name support, --agent-id asst_"),
        ("--agent-name 'not a name'", "is no name of an agent"),
        ("--agent-name asst_1", "is the id of a classic agent"),
    ],
)
def test_an_agent_that_is_not_there_is_told_with_those_that_are(
    doctor: Doctor, emulator: FoundryEmulator, arguments: str, says: str
) -> None:
    emulator.create_agent(name="helper")

    code, printed = doctor(arguments)

    assert (code, marks(printed)) == (1, "✓✓✓✓✓✓✗–")
    assert says in printed


def test_no_agent_at_all_is_told(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_AI_AGENT_NAME")

    assert re.search(r"No agent is given\.\s+The project has --agent-name support", doctor()[1])
