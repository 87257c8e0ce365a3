"""A local Azure AI Foundry Agent Service, to try things without an account.

```python
from langchain_foundry_agents.emulator import FoundryEmulator

with FoundryEmulator() as emulator:
    agent_id = emulator.create_agent(name="helper", instructions="Be brief.")
    print(emulator.project_endpoint, emulator.credential, agent_id)
```
"""

from __future__ import annotations

try:
    from langchain_foundry_agents.emulator.brains.default import EmulatorBrain
    from langchain_foundry_agents.emulator.brains.script import (
        AskApproval,
        AskConsent,
        CallTools,
        Cite,
        CutShort,
        Draw,
        Fail,
        Refuse,
        Reply,
        RunCode,
        ShowEvent,
        ShowItem,
        Steps,
        Think,
    )
    from langchain_foundry_agents.emulator.brains.scripted import ScriptedBrain
    from langchain_foundry_agents.emulator.emulator import FoundryEmulator
    from langchain_foundry_agents.emulator.faults.fault import Fault
    from langchain_foundry_agents.emulator.journal import RecordedRequest
    from langchain_foundry_agents.emulator.keeping import Limits
    from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN
except ModuleNotFoundError as missing:
    package = str(missing.name).partition(".")[0]
    if package not in ("starlette", "uvicorn"):
        raise
    message = (
        f"The emulator needs {package}, which is not installed. "
        'Install it with: pip install "langchain-foundry-agents[emulator]"'
    )
    raise ImportError(message, name=package) from missing

__all__ = [  # noqa: RUF022 - in the plain order that a test asks for
    "AskApproval",
    "AskConsent",
    "CallTools",
    "Cite",
    "CutShort",
    "Draw",
    "EMULATOR_TOKEN",
    "EmulatorBrain",
    "Fail",
    "Fault",
    "FoundryEmulator",
    "Limits",
    "RecordedRequest",
    "Refuse",
    "Reply",
    "RunCode",
    "ScriptedBrain",
    "ShowEvent",
    "ShowItem",
    "Steps",
    "Think",
]
