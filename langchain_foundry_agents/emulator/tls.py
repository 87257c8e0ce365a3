"""Certificates for https://localhost: an authority of the emulator's own, and what it signs.

Official clients send tokens over TLS only. trustme makes the certificates: it is what the trio
project keeps for exactly this, and needs no package that azure-identity does not need already.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUTHORITY = "ca.pem"
_AUTHORITY_KEY, _SERVER = "ca-key.pem", "server.pem"
_NAMES = ("localhost", "127.0.0.1", "::1", "host.docker.internal")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a server's certificate, and of the authority that clients have to trust."""

    authority: Path
    server: Path


def certify(folder: Path, *names: str) -> Certificate:
    """Signs a certificate; the authority is made once, and stays in the folder.

    Args:
        folder: where the authority is kept; it is made if it is not there.
        names: hosts and addresses beside those of this machine.

    Raises:
        ImportError: trustme is not installed.
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate = Certificate(folder / AUTHORITY, folder / _SERVER)
    authority = _authority(certificate.authority, folder / _AUTHORITY_KEY)
    issued = authority.issue_cert(*dict.fromkeys((*_NAMES, *names)))
    _write(certificate.server, issued.private_key_and_cert_chain_pem.bytes())
    return certificate


def _authority(path: Path, key_path: Path) -> Any:
    try:
        from trustme import CA
    except ImportError as error:
        message = 'TLS needs trustme: pip install "langchain-foundry-agents[emulator-tls]"'
        raise ImportError(message, name="trustme") from error
    if path.exists() and key_path.exists():
        return CA.from_pem(path.read_bytes(), key_path.read_bytes())
    authority = CA(organization_name="Azure AI Foundry emulator")
    _write(key_path, authority.private_key_pem.bytes())
    _write(path, authority.cert_pem.bytes())
    return authority


def _write(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
