"""What a process remembers of threads: which turn is the last, and who works there."""

from __future__ import annotations

from langchain_foundry_agents.thread_records import LocalThreadRecord, local_record


def test_only_one_turn_goes_on_after_another() -> None:
    record = LocalThreadRecord()
    record.advance("thread_1", "run_1")

    assert record.claim("thread_1", "run_1") is True
    assert record.claim("thread_1", "run_1") is False


def test_a_turn_that_the_record_does_not_know_may_be_gone_on_after_once() -> None:
    record = LocalThreadRecord()

    assert record.claim("thread_1", "run_1") is True
    assert record.claim("thread_1", "run_1") is False


def test_a_turn_that_another_one_followed_is_a_branch() -> None:
    record = LocalThreadRecord()
    record.advance("thread_1", "run_1")
    record.advance("thread_1", "run_2")

    assert record.claim("thread_1", "run_1") is False
    assert record.claim("thread_1", "run_2") is True


def test_a_claim_that_is_given_back_may_be_made_again() -> None:
    record = LocalThreadRecord()
    record.advance("thread_1", "run_1")
    record.claim("thread_1", "run_1")

    record.give_back("thread_1", "run_1")

    assert record.claim("thread_1", "run_1") is True


def test_a_late_give_back_reopens_no_turn_that_was_followed() -> None:
    record = LocalThreadRecord()
    record.advance("thread_1", "run_1")
    record.claim("thread_1", "run_1")
    record.advance("thread_1", "run_2")

    assert record.claim("thread_1", "run_1") is False
    assert record.claim("thread_1", "run_2") is True


def test_turns_that_a_replay_brings_again_are_gone_on_after_again() -> None:
    record = LocalThreadRecord()
    for _ in range(2):
        record.advance("thread_1", "run_1")
        assert record.claim("thread_1", "run_1") is True
        record.advance("thread_1", "run_2")


def test_a_claim_that_is_given_back_after_the_thread_went_on_undoes_nothing() -> None:
    record = LocalThreadRecord()
    record.advance("thread_1", "run_1")
    record.claim("thread_1", "run_1")
    record.advance("thread_1", "run_2")

    record.give_back("thread_1", "run_1")

    assert record.claim("thread_1", "run_1") is False
    assert record.claim("thread_1", "run_2") is True


def test_threads_have_nothing_to_do_with_each_other() -> None:
    record = LocalThreadRecord()
    record.claim("thread_1", "run_1")
    record.lock("thread_1")

    assert record.claim("thread_2", "run_1") is True
    assert record.lock("thread_2") is True


def test_one_turn_at_a_time_has_the_thread() -> None:
    record = LocalThreadRecord()

    assert record.lock("thread_1") is True
    assert record.lock("thread_1") is False
    record.unlock("thread_1")
    assert record.lock("thread_1") is True


def test_the_record_is_bounded_and_forgets_the_oldest() -> None:
    record = LocalThreadRecord(most_threads=2, most_turns=2)
    for thread_id in ("thread_1", "thread_2", "thread_3"):
        record.claim(thread_id, "run_1")
    for turn in ("run_2", "run_3"):
        record.advance("thread_3", turn)

    assert record.claim("thread_1", "run_1") is True
    assert record.claim("thread_3", "run_1") is True


def test_each_endpoint_has_a_record_of_its_own_as_services_may_give_the_same_ids() -> None:
    one, other = local_record("https://one.example"), local_record("https://other.example")
    one.lock("thread_1")

    assert one is local_record("https://one.example")
    assert other.lock("thread_1")


def test_records_of_the_oldest_endpoints_are_forgotten() -> None:
    first = local_record("https://0.example")
    for number in range(300):
        local_record(f"https://{number}.example")

    assert local_record("https://0.example") is not first
