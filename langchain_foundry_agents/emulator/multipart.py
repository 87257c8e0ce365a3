"""`multipart/form-data` bodies, as files are uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from langchain_foundry_agents.emulator.refusals import invalid


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
    mark = b"\r\n--" + str(boundary).encode()
    # The first boundary has no line before it; what follows the last is no part.
    sections = (b"\r\n" + body).split(mark)[1:-1]
    return {part.name: part for part in map(_part, sections)}


def _part(section: bytes) -> Part:
    head, _, data = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = _headers(head.decode(errors="replace"))
    name = headers.get_param("name", header="content-disposition")
    return Part(str(name or ""), headers.get_filename(), data)


def _headers(text: str) -> Message:
    return HeaderParser().parsestr(text + "\r\n\r\n")
