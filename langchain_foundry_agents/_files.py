"""Downloads: a file's content in memory, or straight into a file."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import overload

from langchain_foundry_agents._connection import Connection
from langchain_foundry_agents._drive import aperform, perform
from langchain_foundry_agents._flow.effects import Flow
from langchain_foundry_agents._flow.files import Query, fetch, name_of
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._messages.files import safe_name
from langchain_foundry_agents.errors import InvalidFieldError

_FILE_ID = re.compile(r"[A-Za-z0-9_-]+")

_LONGEST = 3600.0


class Files(Connection):
    """What a model does with the service's files."""

    @overload
    def download(self, file_id: str) -> bytes: ...
    @overload
    def download(self, file_id: str, path: str | os.PathLike[str]) -> Path: ...
    def download(self, file_id: str, path: str | os.PathLike[str] | None = None) -> bytes | Path:
        """Fetch a file that an answer names: a picture, a table, a cited document.

        Args:
            file_id: The `file_id` of a block or of a citation's `extras`.
            path: Where to write it, piece by piece; into a folder under the file's own name, made
                safe. A download that fails leaves nothing behind.

        Returns:
            The content, or the path that it was written to.

        Raises:
            InvalidFieldError: That is no id of a file.
            NotFoundError: There is no such file.
        """
        return perform(self._download(file_id, path), self._transport(), _LONGEST)

    @overload
    async def adownload(self, file_id: str) -> bytes: ...
    @overload
    async def adownload(self, file_id: str, path: str | os.PathLike[str]) -> Path: ...
    async def adownload(
        self, file_id: str, path: str | os.PathLike[str] | None = None
    ) -> bytes | Path:
        """As `download`."""
        return await aperform(self._download(file_id, path), self._transport(), _LONGEST)

    def _download(self, file_id: str, path: str | os.PathLike[str] | None) -> Flow[bytes | Path]:
        return download_flow(file_id, path, (("api-version", self.api_version),), Patience())


def download_flow(
    file_id: str, path: str | os.PathLike[str] | None, query: Query, patience: Patience
) -> Flow[bytes | Path]:
    """Fetch a file: its bytes, or the path that it was written to.

    A path that is a folder gets the file under its own name, made safe. A download that fails
    leaves nothing behind.
    """
    check_file_id(file_id)
    if path is None:
        memory = io.BytesIO()
        yield from fetch(file_id, query, memory.write, patience)
        return memory.getvalue()
    target = Path(path)
    if target.is_dir():
        target /= safe_name((yield from name_of(file_id, query, patience)))
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            write: Callable[[bytes], object] = file.write
            yield from fetch(file_id, query, write, patience)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def check_file_id(file_id: str) -> None:
    """Refuse what is no file's id.

    Raises:
        InvalidFieldError: It has characters that no id has.
    """
    if not _FILE_ID.fullmatch(file_id):
        raise InvalidFieldError(
            f"{file_id!r} is not the id of a file.",
            remedy="Use the file_id of a block or a citation, such as assistant-….",
        )
