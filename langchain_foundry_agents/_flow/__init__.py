"""The sans-IO heart: what a turn does, told as data. No httpx, no asyncio, no clock."""

from typing import TYPE_CHECKING

from langchain_foundry_agents._later import modules_of

if TYPE_CHECKING:
    from langchain_foundry_agents._flow import (  # noqa: F401 - told to type checkers
        actions,
        additions,
        agents,
        creation,
        definitions,
        effects,
        entries,
        failures,
        files,
        follow,
        heads,
        hints,
        items,
        kept_conversations,
        kept_threads,
        kinds,
        leaving,
        lists,
        migration,
        named_agents,
        progress,
        responses_api,
        resume,
        retry,
        statuses,
        steps,
        thread_lists,
        threads_api,
        turn,
        watch,
        wire,
    )

__getattr__ = modules_of(__name__)
