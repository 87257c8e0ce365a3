"""Shown messages in a real browser: attacks do nothing, and typical answers look well.

`make pictures` runs this and keeps the pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attacks import ATTACKS, RUNS, messages

from langchain_foundry_agents.display import render

from .browser import CHROMIUM, beacon, dom_of, page, take_picture
from .typical import PICTURES, digest, shown_in

pytest.importorskip("markdown_it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"),
]

# All that is folded is unfolded, and what can be clicked is clicked, but for links to elsewhere.
CLICKS = """<script>
for (const fold of document.querySelectorAll('details')) fold.open = true;
for (const link of document.links) if (!/^(http|mailto)/.test(link.href)) link.click();
for (const one of document.querySelectorAll('*')) {
  one.focus();
  one.dispatchEvent(new MouseEvent('mouseover'));
}
document.documentElement.dataset.clicked = 1;
</script>"""


def test_no_attack_runs_or_loads_anything(tmp_path: Path) -> None:
    with beacon() as (url, asked):
        attacks = [
            attack.replace("BEACONHOST", url.removeprefix("http://")).replace("BEACON", url)
            for attack in ATTACKS.values()
        ]
        shown = render([one for attack in attacks for one in messages(attack)])

        dom = dom_of(page(shown.html + CLICKS), tmp_path)

    assert 'data-clicked="1"' in dom
    assert "data-pwned" not in dom.partition(">")[2].partition(">")[0]
    assert asked == []


def test_the_browser_would_tell_if_an_attack_ran_or_loaded_something(tmp_path: Path) -> None:
    with beacon() as (url, asked):
        attack = f"<script>{RUNS}</script><img src={url}/img>"

        dom = dom_of(page(attack + CLICKS), tmp_path)

    assert 'data-pwned="1"' in dom.partition(">")[2].partition(">")[0]
    assert asked == ["/img"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_taken_of_each_typical_message(
    name: str, tmp_path: Path, *, dark: bool
) -> None:
    folder = Path(os.environ.get("PICTURES") or tmp_path).absolute()
    folder.mkdir(exist_ok=True)
    target = folder / f"{name}-{'dark' if dark else 'light'}.png"

    html = shown_in(name, dark=dark)
    take_picture(html, tmp_path, target, (820, PICTURES[name].height))

    assert target.read_bytes().startswith(b"\x89PNG")
    target.with_suffix(".sha256").write_text(digest(html) + "\n")
