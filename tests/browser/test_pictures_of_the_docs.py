"""The pictures that lie in the documentation are what is shown today; no browser is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from .typical import PICTURES, digest, shown_in

pytest.importorskip("markdown_it")
FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_the_page_as_it_is_today(name: str, *, dark: bool) -> None:
    picture = FOLDER / f"{name}-{'dark' if dark else 'light'}.png"

    taken_of = picture.with_suffix(".sha256").read_text().strip()

    assert picture.read_bytes().startswith(b"\x89PNG")
    assert taken_of == digest(shown_in(name, dark=dark)), "`make pictures` takes them anew"
