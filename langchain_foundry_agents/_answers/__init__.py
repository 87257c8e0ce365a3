"""Events → chunks: the fold of an answer, and what it is made of."""

from langchain_foundry_agents._answers import translate
from langchain_foundry_agents._answers.fold import Answer

translate.register()

__all__ = ["Answer"]
