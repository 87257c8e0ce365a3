"""Known breaches, each by its name: `True` lets it pass, so that the simulation finds others."""

from __future__ import annotations

RUNS_THAT_NO_ERROR_TELLS_OF = False
"""A stream that ends before it names its run: ProtocolError does not say that the run goes on."""

TIME_THAT_ENDS_ENDS_THE_TIDYING = False
"""What tidies up is not tried in the grace, if the turn's time ends just then.

The deletion of a thread even waits while the service wants quiet, until the time is over.
"""

NUMBERED_EVENTS_COME_ONCE = False
"""A piece of a response's text that comes twice is told twice, though it bears a number.

What comes twice also sets back the number from which a stream is taken up again.
"""

OUTPUTS_ARE_FORGOTTEN = False
"""A classic run that fails for a passing reason after it got outputs is followed by one without."""

LOOKS_THAT_FAIL_ARE_TRUSTED = False
"""A look for a lost response that fails itself counts as not found: the question is posted twice.

Here such looks never fail then.
"""

LEAVING_WHILE_TIDYING_LEAVES_A_THREAD = False
"""A caller who leaves while a failed turn cancels its run: the thread is not deleted after that."""

CHECKED_THREADS_MAY_BE_GONE = False
"""With `check_thread`, a history's thread that was deleted is an error and no fork."""

WHAT_FOLLOWS_AN_APPROVAL_NEVER_FAILS = False
"""A response that fails after its turn approved a call: the question is posted a second time.

And where it is not tried again, another turn may go on as if the question had not been kept.
"""

LATER_RESPONSES_ARE_NEVER_LOST = False
"""A turn's second response that is lost and found is heard from where the first one ended."""

OTHERS_COME_BEFORE_A_RETRY = True
"""A classic run that is tried again answers what others have asked in the thread meanwhile."""

WHAT_A_STOP_SEQUENCE_CUTS_IS_KEPT = False
"""A stream breaks after a stop sequence, and the service drops the response: it counts as kept."""
