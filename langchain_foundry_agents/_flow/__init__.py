"""The sans-IO heart: what a turn does, told as data. No httpx, no asyncio, no clock."""

from typing import TYPE_CHECKING

from langchain_foundry_agents._later import modules_of

if TYPE_CHECKING:
    from langchain_foundry_agents._flow import (
        actions as actions,
    )
    from langchain_foundry_agents._flow import (
        additions as additions,
    )
    from langchain_foundry_agents._flow import (
        agents as agents,
    )
    from langchain_foundry_agents._flow import (
        creation as creation,
    )
    from langchain_foundry_agents._flow import (
        definitions as definitions,
    )
    from langchain_foundry_agents._flow import (
        effects as effects,
    )
    from langchain_foundry_agents._flow import (
        entries as entries,
    )
    from langchain_foundry_agents._flow import (
        failures as failures,
    )
    from langchain_foundry_agents._flow import (
        files as files,
    )
    from langchain_foundry_agents._flow import (
        follow as follow,
    )
    from langchain_foundry_agents._flow import (
        heads as heads,
    )
    from langchain_foundry_agents._flow import (
        items as items,
    )
    from langchain_foundry_agents._flow import (
        kept_conversations as kept_conversations,
    )
    from langchain_foundry_agents._flow import (
        kept_threads as kept_threads,
    )
    from langchain_foundry_agents._flow import (
        leaving as leaving,
    )
    from langchain_foundry_agents._flow import (
        migration as migration,
    )
    from langchain_foundry_agents._flow import (
        named_agents as named_agents,
    )
    from langchain_foundry_agents._flow import (
        progress as progress,
    )
    from langchain_foundry_agents._flow import (
        responses_api as responses_api,
    )
    from langchain_foundry_agents._flow import (
        resume as resume,
    )
    from langchain_foundry_agents._flow import (
        retry as retry,
    )
    from langchain_foundry_agents._flow import (
        statuses as statuses,
    )
    from langchain_foundry_agents._flow import (
        thread_lists as thread_lists,
    )
    from langchain_foundry_agents._flow import (
        threads_api as threads_api,
    )
    from langchain_foundry_agents._flow import (
        turn as turn,
    )
    from langchain_foundry_agents._flow import (
        watch as watch,
    )
    from langchain_foundry_agents._flow import (
        wire as wire,
    )

__getattr__ = modules_of(__name__)
