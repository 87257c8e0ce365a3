"""`python -m langchain_foundry_agents.cli`, which is `foundry-agents`."""

from __future__ import annotations

import sys

from langchain_foundry_agents.cli import main

if __name__ == "__main__":
    sys.exit(main())
