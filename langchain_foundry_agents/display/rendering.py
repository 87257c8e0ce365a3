"""`show` and `render`: messages, or a thread, to be seen wherever the code runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from langchain_core.messages import BaseMessage

from langchain_foundry_agents._notebook import in_notebook
from langchain_foundry_agents.chat_models import ChatFoundryAgent
from langchain_foundry_agents.display.cards import Card
from langchain_foundry_agents.display.page import to_page
from langchain_foundry_agents.display.reading import read_cards
from langchain_foundry_agents.display.terminal import say, to_text
from langchain_foundry_agents.errors import InvalidFieldError

Shown = BaseMessage | Sequence[BaseMessage] | str


def show(what: Shown, *, model: ChatFoundryAgent | None = None) -> None:
    """Show a message, several, or a whole thread: at once, in notebooks and in terminals.

    An answer comes as Markdown with numbered citations and its sources, pictures inline, and what
    the agent did folded below, with ids and usage. What agents write is untrusted: no script runs,
    nothing is loaded from elsewhere, and a remote picture is a link.

    Args:
        what: A message, messages, or the id of a thread or conversation.
        model: What a thread is read through, and pictures that have only a `file_id`. For a thread
            the default is the agent of the environment, `ChatFoundryAgent()`.

    Example:
        ```python
        answer = llm.invoke("What is 17 * 23?")
        show(answer)
        show(answer.response_metadata["thread_id"], model=llm)
        ```

    Raises:
        InvalidFieldError: That is nothing that can be shown.
        NotFoundError: There is no such thread, or not any more.
    """
    rendering = render(what, model=model)
    if in_notebook():
        from IPython.display import display

        display(rendering)
    else:
        say(rendering.cards)


def render(what: Shown, *, model: ChatFoundryAgent | None = None) -> Rendering:
    """What `show` would show, as an object: a cell's last line, or HTML and text to keep."""
    if isinstance(what, str):
        model = model or _environments()
        what = model.export_thread(what)
    given: list[object] = [what] if isinstance(what, BaseMessage) else [*what]
    messages = [one for one in given if isinstance(one, BaseMessage)]
    if strange := [type(one).__name__ for one in given if not isinstance(one, BaseMessage)]:
        raise InvalidFieldError(
            f"A {strange[0]} cannot be shown.",
            remedy="Give a message, a list of messages, or the id of a thread.",
        )
    if model is None:
        return Rendering(read_cards(messages, None))
    fetch = model.download
    return Rendering(read_cards(messages, lambda file, box: fetch(file, container_id=box)))


class Rendering:
    """Messages to be seen. Notebooks show it as the last line of a cell."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = [*cards]

    @cached_property
    def html(self) -> str:
        """One piece of HTML, which needs nothing else."""
        return to_page(self.cards)

    @cached_property
    def text(self) -> str:
        """Plain text."""
        return to_text(self.cards)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def _environments() -> ChatFoundryAgent:
    from langchain_foundry_agents.chat_models import ChatFoundryAgent

    return ChatFoundryAgent()
