"""A time-stamp authority on this machine."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.http_server import Answer, Received, http_server

CONFIG = """
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)


def make_authority(folder: Path, name: str = "tsa") -> Path:
    """Make an authority of openssl's in a folder: key, certificate, configuration."""
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    made = openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem"),
        *("-days", "2", "-subj", f"/CN={name}", "-addext", "extendedKeyUsage=critical,timeStamping"),
    )
    assert made.returncode == 0, made.stderr
    return folder


@contextmanager
def authority_at(folder: Path) -> Iterator[str]:
    """Serve an authority as RFC 3161 says: a query is posted, the reply comes back."""

    def reply(request: Received) -> Answer:
        assert request.headers["Content-Type"] == "application/timestamp-query"
        (folder / "in.tsq").write_bytes(request.body)
        words = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "in.tsq", "-out", "out.tsr")
        assert openssl(folder, *words).returncode == 0
        content = (folder / "out.tsr").read_bytes()
        return Answer(200, content, {"Content-Type": "application/timestamp-reply"})

    with http_server(reply) as server:
        yield server.url
