"""`multipart/form-data` bodies, as files are uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from langchain_foundry_agents.emulator.refusals import invalid

_BLANK = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A field of the form; `filename` is None where it is no file."""

    name: str
    filename: str | None
    data: bytes

    @property
    def text(self) -> str:
        """The value of a plain field."""
        return self.data.decode(errors="replace")


def read_form(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a form by name; the last of a name counts.

    Raises:
        Refusal: the body is no form.
    """
    boundary = _headers(f"Content-Type: {content_type}").get_param("boundary")
    if not content_type.lower().startswith("multipart/form-data") or not boundary:
        message = "Expected a multipart/form-data body with a boundary."
        raise invalid(message, code="invalid_type")
    return {part.name: part for part in _parts(body, b"--" + str(boundary).encode())}


def _parts(body: bytes, mark: bytes) -> Iterator[Part]:
    """The parts between marks; what is before the first and behind the last is none.

    Only what a part holds is copied: a body may have hundreds of megabytes.
    """
    separator = b"\r\n" + mark
    begin = len(mark) if body.startswith(mark) else _behind(body, separator, 0)
    while begin is not None:
        end = body.find(separator, begin)
        if end == -1:
            return
        yield _part(body, begin, end)
        begin = end + len(separator)


def _behind(body: bytes, separator: bytes, start: int) -> int | None:
    found = body.find(separator, start)
    return None if found == -1 else found + len(separator)


def _part(body: bytes, begin: int, end: int) -> Part:
    begin += 2 * body.startswith(b"\r\n", begin)
    blank = body.find(_BLANK, begin, end)
    head = body[begin : end if blank == -1 else blank]
    data = b"" if blank == -1 else body[blank + len(_BLANK) : end]
    headers = _headers(head.decode(errors="replace"))
    name = headers.get_param("name", header="content-disposition")
    return Part(str(name or ""), headers.get_filename(), data)


def _headers(text: str) -> Message:
    return HeaderParser().parsestr(text + "\r\n\r\n")
