"""Lets the official JavaScript clients drive an emulator over TLS: make clients-js.

Needs Node and `npm install` in this folder. Ends as the clients do: 0 if every operation holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from langchain_foundry_agents.emulator import FoundryEmulator

HERE = Path(__file__).parent


def main() -> int:
    """Runs them."""
    with FoundryEmulator(tls=True) as emulator:
        trust = {"NODE_EXTRA_CA_CERTS": str(emulator.certificate_authority)}
        command = ["node", str(HERE / "drive.mjs"), emulator.project_endpoint]
        done = subprocess.run(command, cwd=HERE, env=os.environ | trust, check=False)
        for request in emulator.requests:
            if request.status >= 400:
                line = f"{request.method} {request.route} {request.status} {request.body}\n"
                sys.stdout.write(line)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
