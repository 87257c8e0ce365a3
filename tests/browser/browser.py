"""A real browser, without a window, and a server on loopback that notes what is asked of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # a container's root has no other
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
)


@contextmanager
def beacon() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths that are asked for there."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(body: str, *, dark: bool = False) -> str:
    """A page with this in its body."""
    back, fore = ("#1e1e1e", "#d8d8d8") if dark else ("#ffffff", "#202020")
    style = f"margin: 1.2rem; background: {back}; color: {fore}; font: 14px sans-serif"
    return f'<!doctype html><html><meta charset="utf-8"><body style="{style}">{body}</body></html>'


def dom_of(html: str, folder: Path) -> str:
    """A page's document, after its scripts ran and all that it loads was loaded."""
    return _run(html, folder, "--dump-dom", "--virtual-time-budget=3000")


def take_picture(html: str, folder: Path, target: Path, size: tuple[int, int]) -> None:
    """Write a picture of a page."""
    width, height = size
    _run(html, folder, f"--screenshot={target}", f"--window-size={width},{height}")


def _run(html: str, folder: Path, *what: str) -> str:
    assert CHROMIUM
    source = folder / "page.html"
    source.write_text(html, encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [CHROMIUM, *_FLAGS, profile, *what, source.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50)
    source.unlink()
    return done.stdout
