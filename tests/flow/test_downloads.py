"""Downloads: into memory, into a file, or into a folder; one that fails leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents._files import check_id, download_flow
from langchain_foundry_agents._flow.effects import (
    JSON,
    Abandoned,
    Fetch,
    Flow,
    OutOfTime,
    Pause,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import (
    BadRequestError,
    InvalidFieldError,
    NotFoundError,
    ServiceConnectionError,
)

from .player import OK, V1, answered, play, refused

LOOK_UP = Send("GET", "/files/file_1", None, V1)


def download(path: Path | None = None) -> Flow[bytes | Path]:
    return download_flow("/files/file_1", path, V1, Patience())


def fetched(flow: Flow[bytes | Path], *results: Any) -> bytes | Path:
    """Play a download to its end; a `bytes` result is the content that comes."""
    left = list(results)
    try:
        effect = next(flow)
        while True:
            result = left.pop(0)
            if isinstance(result, bytes):
                assert isinstance(effect, Fetch)
                assert (effect.path, effect.query) == ("/files/file_1/content", V1)
                effect.write(result[:2])
                effect.write(result[2:])
                result = OK
            thrown = isinstance(result, BaseException)
            effect = flow.throw(result) if thrown else flow.send(result)
    except StopIteration as end:
        assert left == []
        returned: bytes | Path = end.value
        return returned


def test_a_file_is_fetched_piece_by_piece() -> None:
    assert fetched(download(), b"hello") == b"hello"


def test_a_file_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    path = fetched(download(tmp_path / "a.png"), b"hello")

    assert path == tmp_path / "a.png"
    assert (tmp_path / "a.png").read_bytes() == b"hello"
    assert [found.name for found in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("file", "written"),
    [
        ({"filename": "plot.png"}, "plot.png"),
        ({"filename": "/mnt/data/plot.png"}, "plot.png"),
        ({"filename": "../../etc/passwd"}, "passwd"),
        ({"filename": "C:\\data\\plot.png"}, "plot.png"),
        ({"filename": 'a<b>:"c"|?*\n.txt'}, "a_b___c_____.txt"),
        ({"filename": None}, "file_1"),
        ({"filename": ""}, "file_1"),
        ({"filename": "a.png", "path": "/mnt/data/b.png"}, "a.png"),
        ({"path": "/mnt/data/plot.png"}, "plot.png"),
        ({"path": None}, "file_1"),
    ],
)
def test_a_folder_gets_the_file_under_its_own_name_made_safe(
    tmp_path: Path, file: JSON, written: str
) -> None:
    path = fetched(download(tmp_path), answered(file), b"hello")

    assert path == tmp_path / written
    assert [found.name for found in tmp_path.iterdir()] == [written]


def test_a_name_that_is_one_request_too_many_is_asked_for_again(tmp_path: Path) -> None:
    path = fetched(
        download(tmp_path), refused(429), None, answered({"filename": "a.png"}), b"hello"
    )

    assert path == tmp_path / "a.png"


def test_two_files_of_one_name_stand_beside_each_other_in_a_folder(tmp_path: Path) -> None:
    named = answered({"filename": "plot.png"})

    paths = [fetched(download(tmp_path), named, content) for content in (b"one", b"two", b"three")]

    assert [Path(str(path)).name for path in paths] == ["plot.png", "plot (2).png", "plot (3).png"]
    assert [Path(str(path)).read_bytes() for path in paths] == [b"one", b"two", b"three"]


def test_downloads_to_one_folder_may_meet(tmp_path: Path) -> None:
    flows = [download(tmp_path) for _ in range(2)]
    for flow in flows:
        assert next(flow) == LOOK_UP
    fetches = [flow.send(answered({"filename": "a.txt"})) for flow in flows]
    for fetch, content in zip(fetches, (b"one", b"two"), strict=True):
        assert isinstance(fetch, Fetch)
        fetch.write(content)
    for flow in flows:
        with pytest.raises(StopIteration):
            flow.send(OK)

    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"a.txt": b"one", "a (2).txt": b"two"}


def test_a_download_into_a_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "a.txt.part").write_bytes(b"the user's own")

    with pytest.raises(NotFoundError):
        fetched(download(tmp_path), answered({"filename": "a.txt"}), refused(404))

    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"a.txt": b"old", "a.txt.part": b"the user's own"}


def test_a_name_that_no_file_system_takes_is_shortened(tmp_path: Path) -> None:
    path = fetched(download(tmp_path), answered({"filename": "ü" * 300 + ".csv"}), b"1")

    assert path == tmp_path / f"{'ü' * 100}.csv"


def test_the_name_is_asked_of_the_service(tmp_path: Path) -> None:
    flow = download(tmp_path)

    assert next(flow) == LOOK_UP


@pytest.mark.parametrize("filename", ["..", "a/..", "/", "...", "   ", "a\\.."])
def test_a_name_that_is_none_is_refused_before_the_download(tmp_path: Path, filename: str) -> None:
    with pytest.raises(BadRequestError, match="is no name of a file"):
        play(download(tmp_path), (LOOK_UP, answered({"filename": filename})))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (refused(404), NotFoundError),
        (OutOfTime(), OutOfTime),
        (Abandoned(), Abandoned),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=["gone", "out of time", "left", "interrupted"],
)
def test_a_download_that_fails_leaves_what_was_there(
    tmp_path: Path, failure: object, kind: type[BaseException]
) -> None:
    old = tmp_path / "a.png"
    old.write_bytes(b"old")

    with pytest.raises(kind):
        fetched(download(old), failure)

    assert [found.name for found in tmp_path.iterdir()] == ["a.png"]
    assert old.read_bytes() == b"old"


@pytest.mark.parametrize(
    "first",
    [refused(429), ServiceConnectionError("The connection failed.")],
    ids=["too many", "no connection"],
)
def test_a_download_that_surely_did_not_begin_is_tried_again(first: object) -> None:
    flow = download()
    effect = next(flow)

    effect = flow.throw(first) if isinstance(first, Exception) else flow.send(first)

    assert effect == Pause(0.25, 0.5)
    assert isinstance(flow.send(None), Fetch)


def test_a_download_that_broke_off_is_not_put_behind_its_own_beginning() -> None:
    broken = ServiceConnectionError("The connection broke.", maybe_accepted=True)

    with pytest.raises(ServiceConnectionError):
        fetched(download(), broken)


def test_a_token_that_is_not_taken_is_renewed() -> None:
    flow = download()
    next(flow)

    assert flow.send(refused(401)) == Renew()
    assert fetched_rest(flow, b"hello") == b"hello"


def fetched_rest(flow: Flow[bytes | Path], content: bytes) -> bytes | Path:
    effect = flow.send(None)
    assert isinstance(effect, Fetch)
    effect.write(content)
    with pytest.raises(StopIteration) as end:
        flow.send(OK)
    returned: bytes | Path = end.value.value
    return returned


@pytest.mark.parametrize("given", ["", "..", "a/b", "a?b", "file 1", "a\n", "é", "../x"])
@pytest.mark.parametrize("what", ["file", "container"])
def test_what_is_no_id_is_refused(given: str, what: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        check_id(given, what)

    assert str(caught.value) == (
        f"{given!r} is not the id of a {what}. "
        f"Use the {what}_id of a block, or of a citation's extras."
    )


@pytest.mark.parametrize("given", ["assistant-6xP3kL6Brf1dohgzr3ZZ4n", "file_1", "cntr_1"])
def test_an_id_is_taken(given: str) -> None:
    assert check_id(given, "file") == given
