"""A way for brains to end a run with an error of the service's own."""

from __future__ import annotations


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
