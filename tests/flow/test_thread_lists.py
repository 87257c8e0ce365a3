"""Lists of threads and conversations, as data: read page by page, and deleted from."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON, Pause, Renew, Send
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.thread_lists import delete_one, list_threads
from langchain_foundry_agents.errors import (
    AuthenticationError,
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    Response,
    ServiceConnectionError,
    ServiceError,
)

from .player import KEY, OK, V1, Step, answered, broken, page, play, refused

FIRST_PAGE = Send("GET", "/threads", None, (*V1, ("order", "desc"), ("limit", "100")))
NEXT_PAGE = Send("GET", "/threads", None, (*FIRST_PAGE.query, ("after", "thread_2")))
DELETE = Send("DELETE", "/threads/thread_1", None, V1)
WAIT, LONGER_WAIT = Pause(0.25, 0.5), Pause(0.5, 1.0)
ONE, TWO = {"id": "thread_1"}, {"id": "thread_2"}


def listed(*script: Step, after: str | None = None) -> tuple[list[JSON], str | None]:
    return play(list_threads("/threads", V1, after, Patience()), *script)


def deleted(*script: Step) -> None:
    play(delete_one("/threads", "thread_1", V1, Patience()), *script)


def unreached() -> ServiceConnectionError:
    return ServiceConnectionError("No connection.")


def test_a_page_brings_what_the_next_one_comes_after() -> None:
    assert listed((FIRST_PAGE, page(ONE, TWO, after="thread_2"))) == ([ONE, TWO], "thread_2")
    assert listed((NEXT_PAGE, page(ONE)), after="thread_2") == ([ONE], None)


def test_the_pair_of_metadata_that_is_ours_is_not_shown() -> None:
    theirs: JSON = {"id": "thread_1", "metadata": {"user": "ann"}}
    ours = {**theirs, "metadata": {**theirs["metadata"], **KEY["metadata"]}}

    assert listed((FIRST_PAGE, page(ours, ONE))) == ([theirs, ONE], None)


def test_an_empty_list_is_a_page_too() -> None:
    assert listed((FIRST_PAGE, page())) == ([], None)


def test_a_page_without_a_cursor_is_gone_on_from_by_its_last_id() -> None:
    promising = answered({"data": [ONE, TWO], "has_more": True})

    assert listed((FIRST_PAGE, promising)) == ([ONE, TWO], "thread_2")


@pytest.mark.parametrize(
    "promising",
    [page(TWO, after="thread_2"), answered({"data": [], "has_more": True})],
    ids=["the same cursor again", "no cursor"],
)
def test_a_list_that_does_not_go_on_is_no_endless_one(promising: Response) -> None:
    with pytest.raises(ProtocolError, match="does not go on with it"):
        listed((NEXT_PAGE, promising), after="thread_2")


@pytest.mark.parametrize("data", [None, {}, [None]], ids=str)
def test_a_page_that_is_none_is_told(data: Any) -> None:
    with pytest.raises(ProtocolError, match="listed something that is no list"):
        listed((FIRST_PAGE, answered({"data": data})))


@pytest.mark.parametrize("one", [{}, {"id": 1}], ids=str)
def test_a_thread_without_an_id_is_told(one: JSON) -> None:
    with pytest.raises(ProtocolError, match=r"^The service listed something without an id\."):
        listed((FIRST_PAGE, answered({"data": [one]})))


def test_a_page_is_asked_for_again_if_the_service_fails() -> None:
    assert listed((FIRST_PAGE, refused(500)), (WAIT, None), (FIRST_PAGE, page(ONE))) == (
        [ONE],
        None,
    )


def test_a_thread_is_deleted_by_one_request() -> None:
    deleted((DELETE, OK))


@pytest.mark.parametrize("lost", [broken(), refused(500)], ids=["connection", "service"])
def test_one_that_is_gone_after_a_lost_answer_was_deleted_by_us(lost: Any) -> None:
    deleted((DELETE, lost), (WAIT, None), (DELETE, refused(404)))


def test_a_lost_answer_is_remembered_over_further_failures() -> None:
    deleted(
        (DELETE, broken()),
        (WAIT, None),
        (DELETE, unreached()),
        (LONGER_WAIT, None),
        (DELETE, refused(404)),
    )


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        (unreached(), WAIT),
        (refused(429, retry_after="1"), Pause(1.0, 1.1)),
    ],
    ids=["not reached", "too many requests"],
)
def test_one_that_is_gone_after_a_failure_without_effect_was_deleted_by_others(
    failure: Any, wait: Pause
) -> None:
    with pytest.raises(NotFoundError) as error:
        deleted((DELETE, failure), (wait, None), (DELETE, refused(404)))

    assert error.value.thread_id == "thread_1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(404), NotFoundError),
        (refused(400), BadRequestError),
        (refused(403), PermissionDeniedError),
    ],
    ids=["gone", "bad", "forbidden"],
)
def test_a_refusal_that_stays_is_raised_at_once_and_names_the_thread(
    answer: Response, error: type[FoundryAgentError]
) -> None:
    with pytest.raises(error) as raised:
        deleted((DELETE, answer))

    assert "thread thread_1" in str(raised.value)


def test_a_token_that_is_not_taken_is_renewed_once() -> None:
    deleted((DELETE, refused(401)), (Renew(), None), (DELETE, OK))
    with pytest.raises(AuthenticationError):
        deleted((DELETE, refused(401)), (Renew(), None), (DELETE, refused(401)))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused(500), ServiceError),
        (broken(), ServiceConnectionError),
        (refused(429), RateLimitError),
    ],
    ids=["service", "connection", "rate"],
)
def test_a_failure_that_stays_is_raised_after_two_more_tries(
    failure: Any, error: type[FoundryAgentError]
) -> None:
    with pytest.raises(error):
        deleted(
            (DELETE, failure),
            (WAIT, None),
            (DELETE, failure),
            (LONGER_WAIT, None),
            (DELETE, failure),
        )


def test_nothing_is_tried_again_where_there_were_too_many_retries() -> None:
    with pytest.raises(ServiceError):
        deleted((DELETE, refused(500)), (WAIT, False))
