"""When to ask again, as headers and texts say it in all their forms."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.hints import retry_after, used_up_for


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Rate limit is exceeded. Try again in 22 seconds.", 22.0),
        ("Please try again in 1.5s.", 1.5),
        ("Please retry after 30 seconds.", 30.0),
        ("Please try again in 6ms.", 0.006),
        ("Please try again in 250 ms.", 0.25),
        ("Please retry after 2 minutes.", 120.0),
        ("Please try again in 6m0s. Visit your account.", 360.0),
        ("Please try again in 1m30s.", 90.0),
        ("Try again in 57ms", 0.057),
        ("Please retry your request after 1 hour.", 3600.0),
        ("Please wait 2 days.", 172_800.0),
        ("Try again in 1 day, 2 hours and 3 minutes.", 93_780.0),
        ("Please try again in about a minute.", 60.0),
        ("Try again in an hour.", 3600.0),
        ("Please retry in a few seconds.", None),
        ("Try again in 2 months.", None),
        (f"Try again in {'9' * 400} days.", None),
        ("Try again in 99999999999 days.", None),
        ("Try again later.", None),
        ("Please retry after a while.", None),
        ("", None),
    ],
)
def test_a_hint_is_read_from_the_text(message: str, seconds: float | None) -> None:
    assert retry_after({}, message) == seconds


@pytest.mark.parametrize(
    "header",
    [
        "Wed, 21 Oct 2026 07:28:00 GMT",
        "soon",
        "-1",
        "",
        "nan",
        "inf",
        "1e9",
        "9" * 400,
        "99999999999",
    ],
)
def test_a_header_that_is_no_number_gives_way_to_the_text(header: str) -> None:
    assert retry_after({"retry-after": header}, "Try again in 3 seconds.") == 3.0


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 -0000", 3.0),
    ],
    ids=["later", "over", "of no zone"],
)
def test_a_date_is_read_by_the_services_own_clock(until: str, seconds: float) -> None:
    headers = {"retry-after": until, "date": "Wed, 21 Oct 2026 07:28:00 GMT"}

    assert retry_after(headers, "Try again in 3 seconds.") == seconds


def test_a_header_wins_over_the_text() -> None:
    assert retry_after({"retry-after": "7.5"}, "Try again in 3 seconds.") == 7.5


@pytest.mark.parametrize("name", ["retry-after-ms", "x-ms-retry-after-ms"])
def test_headers_in_milliseconds(name: str) -> None:
    assert retry_after({name: "250"}, "") == 0.25


def test_a_wait_of_years_is_told_as_it_is() -> None:
    assert retry_after({"retry-after": "99999999"}, "") == 99_999_999.0


@pytest.mark.parametrize(
    ("until", "now"),
    [
        ("Fri, 21 Oct 2412 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("Wed, 21 Oct 99999 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "now"),
    ],
)
def test_a_date_that_no_service_means_is_no_hint(until: str, now: str) -> None:
    assert retry_after({"retry-after": until, "date": now}, "") is None


@pytest.mark.parametrize(
    ("quotas", "seconds"),
    [
        ({"reset-tokens": "37", "remaining-tokens": "0"}, 37.0),
        ({"reset-tokens": "37"}, 37.0),
        ({"reset-requests": "6m0s"}, 360.0),
        # What is used up says when, and not what is left.
        (
            {
                "remaining-requests": "20",
                "reset-requests": "90",
                "remaining-tokens": "0",
                "reset-tokens": "37",
            },
            37.0,
        ),
        # A request may need more than what is left.
        ({"remaining-tokens": "20", "reset-tokens": "9"}, 9.0),
        # openai/openai-dotnet#838: nothing is known.
        ({"remaining-tokens": "-1", "reset-tokens": "0"}, None),
        ({"reset-tokens": "soon"}, None),
    ],
)
def test_the_quota_of_a_limit_is_its_hint_where_there_is_no_better_one(
    quotas: dict[str, str], seconds: float | None
) -> None:
    headers = {f"x-ratelimit-{name}": value for name, value in quotas.items()}

    assert retry_after(headers, "Too many.") == seconds
    assert retry_after(headers, "Try again in 3 seconds.") == 3.0


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
        # openai/openai-dotnet#838: what is not known.
        ({"remaining-tokens": "-1", "reset-tokens": "7"}, 0.0),
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
