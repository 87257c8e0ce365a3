"""What a process remembers: who asked for a call, and answers of the last minutes; both bounded."""

from __future__ import annotations

import sys
import threading

from langchain_foundry_agents._recent import Recent, content_key
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import Response

A, B = Asked("thread_1", "run_1"), Asked("thread_1", "run_2")
TALK = "who asked, and what was said"
GOOD, BAD = Response(200, text="{}"), Response(404)


def test_the_run_that_asked_for_a_call_is_found() -> None:
    record = Record()

    record.keep(TALK, ["call_1", "call_2"], A)

    assert [record.find(TALK, id_) for id_ in ("call_1", "call_2", "call_3")] == [A, A, None]


def test_the_last_run_that_asked_for_a_call_is_found() -> None:
    record = Record()

    record.keep(TALK, ["call_1"], A)
    record.keep(TALK, ["call_1"], B)

    assert record.find(TALK, "call_1") == B


def test_a_call_is_found_in_its_own_conversation_alone() -> None:
    record = Record()

    record.keep("Ana's", ["functions.get_weather:0"], A)
    record.keep("Ben's", ["functions.get_weather:0"], Asked("thread_2", "run_3"))

    assert record.find("Ana's", "functions.get_weather:0") == A
    assert record.find("Mallory's", "functions.get_weather:0") is None


def test_a_call_of_two_equal_conversations_is_found_by_its_run_alone() -> None:
    record, other = Record(), Asked("thread_2", "run_3")

    record.keep(TALK, ["call_1"], A)
    record.keep(TALK, ["call_1"], other)

    assert record.find(TALK, "call_1") is None
    assert record.find(TALK, "call_1", "run_1") == A
    assert record.find(TALK, "call_1", "run_3") == other
    assert record.find(TALK, "call_1", "run_4") is None


def test_of_many_equal_conversations_few_are_kept() -> None:
    record = Record()

    for number in range(100):
        record.keep(TALK, ["call_1"], Asked(None, f"resp_{number}"))

    assert record.find(TALK, "call_1", "resp_0") is None
    assert record.find(TALK, "call_1", "resp_99") == Asked(None, "resp_99")


def test_the_oldest_calls_are_forgotten_first() -> None:
    record = Record(most=2)

    record.keep(TALK, ["call_1", "call_2"], A)
    record.keep(TALK, ["call_1"], B)
    record.keep(TALK, ["call_3"], B)

    assert [record.find(TALK, id_) for id_ in ("call_1", "call_2", "call_3")] == [B, None, B]


def test_a_turn_with_more_calls_than_are_remembered_keeps_the_last() -> None:
    record = Record(most=2)

    record.keep(TALK, ["call_1", "call_2", "call_3"], A)

    assert [record.find(TALK, id_) for id_ in ("call_1", "call_2", "call_3")] == [None, A, A]


def test_many_threads_may_remember_at_once() -> None:
    record = Record(most=50)

    def keep(start: int) -> None:
        for number in range(start, start + 200):
            record.keep(TALK, [f"call_{number}"], A)

    threads = [threading.Thread(target=keep, args=(start,)) for start in range(0, 1600, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [number for number in range(1600) if record.find(TALK, f"call_{number}")]
    assert len(found) == 50


def test_an_answer_that_is_fresh_enough_will_do() -> None:
    recent = Recent()

    assert recent.keep(("a",), GOOD, fresh_for=60.0) is GOOD
    assert recent.find(("a",), fresh_for=60.0) is GOOD
    assert recent.find(("b",), fresh_for=60.0) is None


def test_an_answer_that_is_too_old_will_not_do() -> None:
    recent = Recent()
    recent.keep(("a",), GOOD, fresh_for=60.0)

    assert recent.find(("a",), fresh_for=1e-9) is None


def test_a_request_that_needs_a_new_answer_gets_none_and_leaves_none() -> None:
    recent = Recent()
    recent.keep(("a",), GOOD, fresh_for=60.0)
    recent.keep(("b",), GOOD, fresh_for=0.0)

    assert recent.find(("a",), fresh_for=0.0) is None
    assert recent.find(("b",), fresh_for=60.0) is None


def test_a_refusal_is_not_kept_and_takes_no_good_answer_away() -> None:
    recent = Recent()
    recent.keep(("a",), GOOD, fresh_for=60.0)

    assert recent.keep(("a",), BAD, fresh_for=60.0) is BAD
    assert recent.find(("a",), fresh_for=60.0) is GOOD


def test_an_answer_that_is_asked_for_anew_takes_the_place_of_the_earlier_one() -> None:
    recent, newer = Recent(), Response(200, text="newer")
    recent.keep(("a",), GOOD, fresh_for=60.0)

    assert recent.find(("a",), fresh_for=-1.0) is None
    assert recent.keep(("a",), newer, fresh_for=-1.0) is newer
    assert recent.find(("a",), fresh_for=60.0) is newer


def test_many_threads_may_keep_answers_at_once() -> None:
    recent, failed = Recent(most=50), list[BaseException]()

    def keep(start: int) -> None:
        try:
            for number in range(start, start + 2_000):
                recent.keep((f"{number}",), GOOD, fresh_for=60.0)
                recent.find((f"{number}",), fresh_for=60.0)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=keep, args=(start,)) for start in range(0, 16_000, 2_000)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    found = [number for number in range(16_000) if recent.find((f"{number}",), fresh_for=60.0)]
    assert (len(found), failed) == (50, [])


def test_the_oldest_answers_are_forgotten_first() -> None:
    recent = Recent(most=2)
    for key in ("a", "b", "a", "c"):
        recent.keep((key,), GOOD, fresh_for=60.0)

    assert [recent.find((key,), fresh_for=60.0) for key in ("a", "b", "c")] == [GOOD, None, GOOD]


def test_two_uploads_are_the_same_if_name_and_content_are() -> None:
    same = content_key(("a.txt", b"1", "text/plain"))

    assert content_key(("a.txt", b"1", "text/plain")) == same
    assert content_key(("b.txt", b"1", "text/plain")) != same
    assert content_key(("a.txt", b"2", "text/plain")) != same
    assert content_key(None) == ()
