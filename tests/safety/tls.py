"""Certificates of all kinds, made on the spot, and a scripted service that shows one of them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from canned import PROJECT, CannedService, Reply
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, path: Path) -> Path:
        """Both as one PEM file."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM) + key)
        return path


def certify(
    name: str, issuer: Certificate | None = None, *, begins: int = -2, ends: int = 2
) -> Certificate:
    """A host's certificate, by its own word or an issuer's; validity in days from now.

    Without an issuer it may issue others.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    of_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(of_key, critical=False)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Certificate(signed, key)


@contextmanager
def secure_service(pem: Path, *replies: Reply) -> Iterator[CannedService]:
    """A scripted service at https://localhost with the certificate of a file."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    service = CannedService(*replies)
    port = service._listener.getsockname()[1]
    # The handshake is made on the connection's own thread.
    service._listener = context.wrap_socket(
        service._listener, server_side=True, do_handshake_on_connect=False
    )
    service.url = f"https://localhost:{port}{PROJECT}"
    with service:
        yield service
