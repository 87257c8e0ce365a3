"""Events → chunks: the fold of an answer, and what it is made of."""

from langchain_foundry_agents._answers import (
    fold,
    questions,
    translate,
    usage,
)

# Messages of other processes are read by it, too.
translate.register()

__all__ = [
    "fold",
    "questions",
    "usage",
]
