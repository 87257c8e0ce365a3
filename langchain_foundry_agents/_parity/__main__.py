"""`python -m langchain_foundry_agents._parity`, which is `make fidelity`: writes FIDELITY.md."""

from __future__ import annotations

from langchain_foundry_agents._parity.page import FILE, page

if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
