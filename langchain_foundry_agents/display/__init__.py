"""Messages and threads made visible: HTML in notebooks, Markdown or plain text in terminals.

What agents write is untrusted. In HTML all of it is escaped, only `http`, `https` and `mailto`
become links, and nothing is loaded from anywhere; in terminals no control character passes.
"""

from langchain_foundry_agents.display.rendering import Rendering, render, show

__all__ = ["Rendering", "render", "show"]
