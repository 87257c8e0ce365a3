"""Whether code runs in a notebook: Jupyter, VS Code, Colab, Databricks."""

from __future__ import annotations

import sys
from typing import Any


def in_notebook() -> bool:
    """Whether a kernel runs this, and shows HTML. What it takes is imported then."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
