"""Services that a command keeps up until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from langchain_foundry_agents.cli.printing import say
from langchain_foundry_agents.cli.sources import CannotStartError

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.serving import LoopbackService

_DAY = 86_400


@contextmanager
def serving(service: LoopbackService, port: int) -> Iterator[None]:
    """Starts a service; when all is said of it, waits until Ctrl-C or SIGTERM stops it.

    Raises:
        CannotStartError: The port is taken, or certificates cannot be made.
    """
    try:
        service.start()
    except ImportError as error:
        raise CannotStartError(error) from error
    except OSError as error:
        if error.filename:
            what = f"{error.filename} cannot be written ({error.strerror})."
            raise CannotStartError(what) from error
        raise CannotStartError(
            f"Port {port} cannot be used ({error.strerror}). "
            "Choose another --port; 0 takes a free one."
        ) from error
    # Ctrl-C is how this is meant to end.
    with suppress(KeyboardInterrupt), service:
        yield
        while True:
            time.sleep(_DAY)
    say("\nThe emulator has stopped.")
