"""A time-stamp authority stamps a checkpoint's file (RFC 3161): shown with a local one of openssl's."""

import shutil
import subprocess
from pathlib import Path

import pytest

from siu.storage.workspace import Workspace
from tasks.proofs import newest_checkpoint

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
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


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    made = openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem"),
        *("-days", "2", "-subj", "/CN=tsa", "-addext", "extendedKeyUsage=critical,timeStamping"),
    )
    assert made.returncode == 0, made.stderr
    return folder


def test_a_stamped_checkpoint_is_verified_by_openssl(sealed: Workspace, authority: Path) -> None:
    (authority / "june.txt").write_text(str(newest_checkpoint(sealed)))
    for words in (
        ("ts", "-query", "-data", "june.txt", "-sha256", "-cert", "-out", "june.tsq"),
        ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "june.tsq", "-out", "june.tsr"),
    ):
        assert openssl(authority, *words).returncode == 0
    check = ("ts", "-verify", "-data", "june.txt", "-in", "june.tsr", "-CAfile", "tsa.pem")
    assert openssl(authority, *check).returncode == 0
    (authority / "june.txt").write_text(str(newest_checkpoint(sealed)).replace("siu/", "sju/"))
    assert openssl(authority, *check).returncode != 0
