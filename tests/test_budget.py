"""The retries that a process may spend on an endpoint, and the time in which it keeps quiet."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._budget import Budget, budget_of, used_up_for


class Clock:
    """Seconds that a test lets go by."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def spent(budget: Budget, times: int) -> int:
    """How many of so many retries were allowed."""
    return sum(budget.spend() for _ in range(times))


def test_a_hundred_retries_may_be_made_at_once_and_no_more() -> None:
    assert spent(Budget(Clock()), 150) == 100


def test_time_gives_a_retry_a_second() -> None:
    clock = Clock()
    budget = Budget(clock)
    spent(budget, 100)

    clock.now += 7

    assert spent(budget, 50) == 7


def test_four_successes_give_a_retry() -> None:
    budget = Budget(Clock())
    spent(budget, 100)

    for _ in range(8):
        budget.earn()

    assert spent(budget, 50) == 2


def test_no_more_than_a_hundred_are_saved_up() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += 3600
    budget.earn()

    assert spent(budget, 150) == 100


def test_all_keep_quiet_for_as_long_as_the_longest_hint_says() -> None:
    clock = Clock()
    budget = Budget(clock)
    assert budget.quiet() == 0.0

    budget.keep_quiet(20)
    budget.keep_quiet(5)
    clock.now += 8
    assert budget.quiet() == 12.0

    clock.now += 12
    assert budget.quiet() == 0.0


def test_an_endpoint_has_one_budget_and_another_has_another() -> None:
    assert budget_of("https://a.example") is budget_of("https://a.example")
    assert budget_of("https://a.example") is not budget_of("https://b.example")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        # As recorded of the service: much is left, or nothing is said of how long.
        ({"remaining-requests": "22694", "reset-requests": "0"}, 0.0),
        ({"remaining-requests": "0", "reset-requests": "0"}, 0.0),
        ({"remaining-requests": "0"}, 0.0),
        ({}, 0.0),
        # Seconds, as Azure writes them.
        ({"remaining-requests": "0", "reset-requests": "12"}, 12.0),
        ({"remaining-requests": "0", "reset-requests": "0.25"}, 0.25),
        ({"remaining-requests": "1", "reset-requests": "12"}, 0.0),
        ({"remaining-tokens": "0", "reset-tokens": "7"}, 7.0),
        ({"remaining-tokens": "-310", "reset-tokens": "7"}, 7.0),
        # Both may be used up, or one of them.
        (
            {
                "remaining-requests": "0",
                "reset-requests": "3",
                "remaining-tokens": "0",
                "reset-tokens": "9",
            },
            9.0,
        ),
        (
            {
                "remaining-requests": "0",
                "reset-requests": "3",
                "remaining-tokens": "5",
                "reset-tokens": "9",
            },
            3.0,
        ),
        # Durations, as OpenAI writes them.
        ({"remaining-tokens": "0", "reset-tokens": "57ms"}, 0.057),
        ({"remaining-tokens": "0", "reset-tokens": "1s"}, 1.0),
        ({"remaining-tokens": "0", "reset-tokens": "0m6.5s"}, 6.5),
        ({"remaining-tokens": "0", "reset-tokens": "6m0s"}, 60.0),
        ({"remaining-tokens": "0", "reset-tokens": "1h0m0s"}, 60.0),
        # What is no time holds nobody back, and no time is longer than a minute.
        ({"remaining-requests": "0", "reset-requests": "3600"}, 60.0),
        ({"remaining-requests": "0", "reset-requests": "soon"}, 0.0),
        ({"remaining-requests": "0", "reset-requests": "nan"}, 0.0),
        ({"remaining-requests": "0", "reset-requests": "-5"}, 0.0),
        ({"remaining-requests": "0", "reset-requests": ""}, 0.0),
        ({"remaining-requests": "0", "reset-requests": "s"}, 0.0),
        ({"remaining-requests": "none", "reset-requests": "5"}, 0.0),
    ],
)
def test_what_headers_say_of_a_quota_that_is_used_up(told: dict[str, str], seconds: float) -> None:
    assert used_up_for({f"x-ratelimit-{name}": value for name, value in told.items()}) == seconds
