"""Downloads: a file's content in memory, or straight into a file."""

from __future__ import annotations

import io
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import overload

from langchain_foundry_agents import _flow, _messages
from langchain_foundry_agents._flow.effects import Flow, Query
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._reference import AgentReference
from langchain_foundry_agents.errors import InvalidFieldError

_ID = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 3600.0
_LONGEST_STEM, _LONGEST_SUFFIX = 200, 40
"""In bytes: file systems take names of 255."""


class Files(AgentReference):
    """What a model does with the service's files."""

    @overload
    def download(self, file_id: str, *, container_id: str | None = None) -> bytes: ...
    @overload
    def download(
        self, file_id: str, path: str | os.PathLike[str], *, container_id: str | None = None
    ) -> Path: ...
    def download(
        self,
        file_id: str,
        path: str | os.PathLike[str] | None = None,
        *,
        container_id: str | None = None,
    ) -> bytes | Path:
        """Fetch a file that an answer names: a picture, a table, a cited document.

        Args:
            file_id: The `file_id` of a block or of a citation's `extras`.
            path: Where to write it, piece by piece, in place of what is there; into a folder under
                the file's own name, made safe, beside what is there: `plot.png`, `plot (2).png`. A
                download that fails leaves nothing behind.
            container_id: The `container_id` beside it, for a file that a new agent's code wrote.

        Returns:
            The content, or the path that it was written to.

        Raises:
            InvalidFieldError: That is no id of a file, or of a container.
            NotFoundError: There is no such file.
        """
        flow = self._download(file_id, path, container_id)
        return self._perform(flow, _LONGEST)

    @overload
    async def adownload(self, file_id: str, *, container_id: str | None = None) -> bytes: ...
    @overload
    async def adownload(
        self, file_id: str, path: str | os.PathLike[str], *, container_id: str | None = None
    ) -> Path: ...
    async def adownload(
        self,
        file_id: str,
        path: str | os.PathLike[str] | None = None,
        *,
        container_id: str | None = None,
    ) -> bytes | Path:
        """As `download`."""
        flow = self._download(file_id, path, container_id)
        return await self._aperform(flow, _LONGEST)

    def _download(
        self, file_id: str, path: str | os.PathLike[str] | None, container_id: str | None
    ) -> Flow[bytes | Path]:
        source = f"/files/{check_id(file_id, 'file')}"
        query: Query = (("api-version", self.api_version),)
        if container_id is not None:
            source = f"/containers/{check_id(container_id, 'container')}{source}"
        if self.is_new:
            own = self.agent_name if self.agent_endpoint else None
            base, query = _flow.responses_api.agent_base(own)
            source = base + source
        return download_flow(source, path, query, _flow.retry.Patience())


def download_flow(
    source: str, path: str | os.PathLike[str] | None, query: Query, patience: Patience
) -> Flow[bytes | Path]:
    """Fetch what stands at a path of the API: its bytes, or where they were written to.

    A path that is a folder gets the file under its own name, made safe, and beside what is there
    already. A download that fails leaves nothing behind.
    """
    if path is None:
        memory = io.BytesIO()
        yield from _flow.files.fetch(source, query, memory.write, patience)
        return memory.getvalue()
    target, reserved = Path(path), False
    if target.is_dir():
        name = yield from _flow.files.name_of(source, query, patience)
        target, reserved = _reserve(target, _messages.files.safe_name(name)), True
    # Downloads to the same path may meet: each writes a file of its own.
    unfinished = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with unfinished.open("xb") as file:
            write: Callable[[bytes], object] = file.write
            yield from _flow.files.fetch(source, query, write, patience)
        unfinished.replace(target)
        reserved = False
    finally:
        unfinished.unlink(missing_ok=True)
        if reserved:
            target.unlink(missing_ok=True)
    return target


def _reserve(folder: Path, name: str) -> Path:
    """An empty file of that name in a folder; `name (2)` and so on if there is one already."""
    whole = Path(name)
    stem, suffix = _cut(whole.stem, _LONGEST_STEM), _cut(whole.suffix, _LONGEST_SUFFIX)
    for number in count(1):
        target = folder / (f"{stem} ({number}){suffix}" if number > 1 else f"{stem}{suffix}")
        with suppress(FileExistsError):
            target.open("xb").close()
            return target
    raise AssertionError  # pragma: no cover - there is always a free number


def _cut(text: str, most: int) -> str:
    return text.encode(errors="replace")[:most].decode(errors="ignore")


def check_id(given: str, what: str) -> str:
    """The id, if it can be one.

    Raises:
        InvalidFieldError: It has characters that no id has.
    """
    if not _ID.fullmatch(given):
        raise InvalidFieldError(
            f"{given!r} is not the id of a {what}.",
            remedy=f"Use the {what}_id of a block, or of a citation's extras.",
        )
    return given
