"""A notebook as it was executed, in a real browser; `make pictures` keeps the picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from pathlib import Path

import nbformat
import pytest
from browser.browser import CHROMIUM, page, take_picture
from markdown_it import MarkdownIt

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_files_citations_pictures.ipynb"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"),
]


def shown(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """The notebook's cells and what they say, as HTML."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield MarkdownIt("commonmark", {"html": False}).render(cell.source)
            continue
        yield f'<pre style="background: #f4f4f4; padding: .6rem">{escape(cell.source)}</pre>'
        for output in cell.outputs:
            data = output.get("data", {"text/plain": output.get("text", "")})
            yield data.get("text/html") or f"<pre>{escape(data['text/plain'])}</pre>"


def test_a_picture_is_taken_of_the_notebook_with_citations_and_pictures(tmp_path: Path) -> None:
    target = Path(os.environ.get("PICTURES") or tmp_path).absolute() / "notebook.png"
    html = page("".join(shown(nbformat.read(NOTEBOOK, as_version=4))))

    take_picture(html, tmp_path, target, (900, 1720))

    assert "<script" not in html
    assert target.read_bytes().startswith(b"\x89PNG")
