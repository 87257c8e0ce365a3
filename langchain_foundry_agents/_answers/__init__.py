"""Events → chunks: the fold of an answer, and what it is made of."""

from typing import TYPE_CHECKING

from langchain_foundry_agents._answers import translate
from langchain_foundry_agents._later import modules_of

if TYPE_CHECKING:
    from langchain_foundry_agents._answers import (  # noqa: F401 - told to type checkers
        fold,
        questions,
        usage,
    )

# Messages of other processes are read by it, too.
translate.register()

__getattr__ = modules_of(__name__)
