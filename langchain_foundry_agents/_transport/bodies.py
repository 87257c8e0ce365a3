"""The body of an answer, unpacked here in pieces that fit into memory: httpx bounds nothing.

A few kilobytes of gzip can be gigabytes of text, and come in one read.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, cast

from langchain_foundry_agents.errors import ProtocolError, ServiceConnectionError

if TYPE_CHECKING:
    import httpx

MOST = 64 * 2**20
"""The largest whole answer that is read, in bytes."""

ACCEPTED = "gzip, deflate"

_PIECE = 2**20
_GZIP = {"gzip", "x-gzip"}
_READ = {*_GZIP, "deflate"}
# Beside these, gateways write all kinds of things into the header that mean nothing.
_PACKED = {*_READ, "br", "compress", "zstd"}

Unpack = Callable[[bytes], Iterator[bytes]]


def read_whole(answer: httpx.Response) -> str:
    """The whole body as text.

    Raises:
        ProtocolError: It is too large.
    """
    body = _Body(answer)
    for piece in pieces(answer):
        body.add(piece)
    return body.text()


async def aread_whole(answer: httpx.Response) -> str:
    """As `read_whole`."""
    body = _Body(answer)
    async for piece in apieces(answer):
        body.add(piece)
    return body.text()


def pieces(answer: httpx.Response) -> Iterator[bytes]:
    """The body piece by piece, however large. The answer is not closed at its end.

    Raises:
        ProtocolError: It is packed in a way that was not asked for.
    """
    if answer.is_stream_consumed:
        # A hook of the user's client has read it.
        return answer.iter_bytes()
    unpack = _unpacker(answer)
    packed_pieces = iter(cast("httpx.SyncByteStream", answer.stream))
    if unpack is None:
        return packed_pieces
    return (piece for packed in packed_pieces for piece in unpack(packed))


def apieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    """As `pieces`: `aiter_raw` would close the answer, and could be cancelled while it does."""
    if answer.is_stream_consumed:
        return answer.aiter_bytes()
    unpack = _unpacker(answer)
    packed_pieces = aiter(cast("httpx.AsyncByteStream", answer.stream))
    if unpack is None:
        return packed_pieces
    return (piece async for packed in packed_pieces for piece in unpack(packed))


class _Body:
    """What came of a whole body, up to `MOST`."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._pieces: list[bytes] = []
        self._size = 0
        told = answer.headers.get("content-length", "")
        if told.isdecimal():
            self._check(int(told))

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        self._check(self._size)
        self._pieces.append(piece)

    def text(self) -> str:
        # JSON is UTF-8. What an answer says of its charset may be anything, also `zlib`.
        return b"".join(self._pieces).decode("utf-8", "replace")

    def _check(self, size: int) -> None:
        if size > MOST:
            raise ProtocolError(
                f"The service's answer is too large: {size:,} bytes or more, and at most {MOST:,} "
                "are read.",
                status_code=self._answer.status_code,
                client_request_id=self._answer.request.headers["x-ms-client-request-id"],
            )


def _unpacker(answer: httpx.Response) -> Unpack | None:
    """What unpacks the body; `None` if it is not packed."""
    header = answer.headers.get("content-encoding")
    if header is None:
        return None
    packed = [name for name in map(str.strip, header.lower().split(",")) if name in _PACKED]
    if not packed:
        return None
    if len(packed) > 1 or packed[0] not in _READ:
        raise ProtocolError(
            f"The service's answer is packed as {', '.join(packed)}; only {ACCEPTED} is read.",
            remedy="Let the gateway or proxy on the way leave answers as they are.",
            status_code=answer.status_code,
            client_request_id=answer.request.headers["x-ms-client-request-id"],
        )
    return _Unpacker(packed[0])


class _Unpacker:
    """Unpacks gzip or deflate into pieces of a mebibyte at most."""

    def __init__(self, name: str) -> None:
        self._is_gzip = name in _GZIP
        self._inflate: zlib._Decompress | None = None

    def __call__(self, packed: bytes) -> Iterator[bytes]:
        if not packed:
            return
        inflate = self._inflate = self._inflate or zlib.decompressobj(self._form(packed))
        try:
            while True:
                piece = inflate.decompress(packed, _PIECE)
                # An empty one, too: that something was read is to be known.
                yield piece
                packed = inflate.unconsumed_tail
                if not packed and len(piece) < _PIECE:
                    return
        except zlib.error as error:
            message = "The service's answer could not be decompressed."
            raise ServiceConnectionError(message, maybe_accepted=True) from error

    def _form(self, packed: bytes) -> int:
        if self._is_gzip:
            return zlib.MAX_WBITS | 16
        # What is called deflate comes with and without zlib's frame, whose first sign is this.
        framed = packed[0] & 0x0F == zlib.DEFLATED
        return zlib.MAX_WBITS if framed else -zlib.MAX_WBITS
