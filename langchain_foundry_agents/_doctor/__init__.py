"""Why an agent cannot be reached: one check after the other, each with its remedy."""

from __future__ import annotations

from langchain_foundry_agents._doctor.examination import Finding, Status, examine

__all__ = ["Finding", "Status", "examine"]
