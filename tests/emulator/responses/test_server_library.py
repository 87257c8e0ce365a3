"""A container's stream beside one of Microsoft's own server library."""

from __future__ import annotations

from langchain_foundry_agents._parity.compare import MISSING, differences
from langchain_foundry_agents.emulator import ScriptedBrain

from ..room import RECORDINGS, Room, names, read_sse
from .speaking import stream


def test_a_containers_stream_has_the_keys_of_microsofts_server_library() -> None:
    recorded = read_sse((RECORDINGS / "responses/agentserver-2.3.0-sse-text.txt").read_text())
    room = Room(ScriptedBrain(["hello"]))
    definition = {"kind": "hosted", "image": "echo", "cpu": "1", "memory": "1Gi"}
    room.post("/agents/support/versions", {"definition": definition})

    events = stream(room, "hi")

    assert names(events) == names(recorded)
    for (name, theirs), (_, ours) in zip(recorded, events, strict=True):
        lone = {one.place for one in differences(ours, theirs) if MISSING in (one.ours, one.theirs)}
        # Only the service pads its deltas.
        assert lone <= {"obfuscation"}, name
