"""How a brain ends a turn with an error: in the service's own words, or by raising anything."""

from __future__ import annotations

import logging

from langchain_core.exceptions import ModelRateLimitError

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())


class BrainFailure(Exception):  # noqa: N818 - the run's failure, no error of ours
    """Raised by a brain: the run fails with this code and message.

    Args:
        code: such as `rate_limit_exceeded`.
        message: what the run's `last_error` says.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def failure_of(error: Exception, where: str) -> BrainFailure:
    """What the service says of an error of the brain.

    Args:
        error: what the brain raised.
        where: the id of the run or response, for the log.
    """
    if isinstance(error, BrainFailure):
        return error
    if isinstance(error, ModelRateLimitError):
        return BrainFailure("rate_limit_exceeded", str(error))
    _log.warning("The brain failed in %s", where, exc_info=error)
    return BrainFailure("server_error", "Sorry, something went wrong.")
