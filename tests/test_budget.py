"""The retries that a process may spend on an endpoint, and the time in which it keeps quiet."""

from __future__ import annotations

from langchain_foundry_agents._budget import Budget, budget_of


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


def test_a_caller_keeps_quiet_for_as_long_as_the_longest_hint_says() -> None:
    clock = Clock()
    budget = Budget(clock)
    assert budget.quiet("a") == 0.0

    budget.keep_quiet("a", 20)
    budget.keep_quiet("a", 5)
    clock.now += 8
    assert budget.quiet("a") == 12.0

    clock.now += 12
    assert budget.quiet("a") == 0.0


def test_a_limit_that_one_agent_meets_holds_no_other() -> None:
    budget = Budget(Clock())

    budget.keep_quiet("a", 20)

    assert (budget.quiet("a"), budget.quiet("b")) == (20.0, 0.0)


def test_agents_on_one_deployment_share_its_limit_once_the_service_has_named_it() -> None:
    """`x-ratelimit-key` stands in answers of the new generation, as recorded in July 2026."""
    budget = Budget(Clock())
    budget.name_quota("a", "gpt-4o")
    budget.name_quota("b", "gpt-4o")
    budget.name_quota("c", "gpt-5")

    budget.keep_quiet("a", 20)

    assert [budget.quiet(caller) for caller in "abc"] == [20.0, 20.0, 0.0]


def test_only_so_many_callers_are_remembered() -> None:
    budget = Budget(Clock())

    for number in range(1100):
        budget.keep_quiet(f"agent {number}", 20)

    assert (budget.quiet("agent 0"), budget.quiet("agent 1099")) == (0.0, 20.0)


def test_an_endpoint_has_one_budget_and_another_has_another() -> None:
    assert budget_of("https://a.example") is budget_of("https://a.example")
    assert budget_of("https://a.example") is not budget_of("https://b.example")
