"""The checks in their order: what depends on one that failed is skipped, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from langchain_foundry_agents._doctor.agents import check_agent, check_role, check_run
from langchain_foundry_agents._doctor.case import Case
from langchain_foundry_agents._doctor.network import check_dns, check_endpoint, check_tls
from langchain_foundry_agents._doctor.tokens import check_credential, check_token
from langchain_foundry_agents.errors import FoundryAgentError

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check.

    Args:
        name: the check's name.
        status: what came of it.
        detail: what was found, or what went wrong; of a skipped one the check that failed.
        remedy: what to do.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Check:
    """A check: gives what it found, or raises what is wrong. It needs what others found."""

    find: Callable[[Case], str]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.find.__name__.removeprefix("check_")


CHECKS = (
    _Check(check_endpoint),
    _Check(check_dns, ("endpoint",)),
    _Check(check_tls, ("dns",)),
    _Check(check_credential, ("endpoint",)),
    _Check(check_token, ("credential",)),
    _Check(check_role, ("tls", "token")),
    _Check(check_agent, ("role",)),
    _Check(check_run, ("agent",)),
)


def examine(fields: Mapping[str, Any]) -> Iterator[Finding]:
    """Find out, step by step, whether an agent can be asked, and if not, why.

    Args:
        fields: Fields of a `ChatFoundryAgent`, as far as they are given; the environment has the
            rest.
    """
    case, culprits = Case(dict(fields)), dict[str, str]()
    for check in CHECKS:
        if culprit := next((culprits[name] for name in check.needs if name in culprits), None):
            finding = Finding(check.name, "skipped", culprit)
        else:
            finding = _found(check, case)
        if finding.status != "ok":
            # The one that failed, however many were skipped for it.
            culprits[check.name] = culprit or check.name
        yield finding


def _found(check: _Check, case: Case) -> Finding:
    try:
        return Finding(check.name, "ok", check.find(case))
    except FoundryAgentError as error:
        what = str(error).removesuffix(error.advice).strip()
        return Finding(check.name, "failed", what, error.advice)
