"""Hostile certificates, ledgers, checkpoints, manifests, adapter configurations: our errors, nothing else."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from siu.audit.author import Author
from siu.audit.certificate import check_ledger
from siu.audit.chain import read_chain
from siu.audit.dsse import open_envelope, seal_statement
from siu.audit.entry import make_entry, read_entry
from siu.audit.note import read_checkpoint
from siu.audit.signer import new_signer
from siu.errors import SiuError
from siu.models.adapter_integrity import check_adapter
from siu.storage.digest import canonical_json
from siu.storage.store import read_manifest

QUICK, MANY = 300, 100_000
SIGNER = new_signer("siu/fuzz")
ENTRY = make_entry(None, "2026-01-01T00:00:00.000Z", "received", "r-1", {"plan": "ab", "n": 1}, Author("a"))
CHECKPOINT = str(SIGNER.checkpoint(7, b"r" * 32))
PREDICATE = {
    "request": "r-1",
    "verdict": "erased",
    "ledger": {"checkpoint": CHECKPOINT, "entries": [{"entry": 1, "line": "x", "proof": ["AAAA"]}]},
}
STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicate": PREDICATE}
CERTIFICATE = json.dumps(seal_statement(STATEMENT, SIGNER)).encode()
MANIFEST = canonical_json(
    {"schema": 1, "stage": "unlearn", "digest": "ab" * 32, "inputs": {"a": 1}, "files": {"x": "cd" * 32}}
).encode()
CONFIG = json.dumps(
    {
        "peft_type": "LORA",
        "r": 2,
        "lora_alpha": 4,
        "target_modules": ["q_proj"],
        "base_model_name_or_path": "x",
        "rank_pattern": {},
        "bias": "none",
    }
).encode()
VALUES = (None, True, -1, 0, 10**400, 1e308, "", "\ud800", "a\0b", [], [[]], {}, {"": None}, "../../x", "=1")


def read_certificate(content: bytes, _folder: Path) -> None:
    statement, _, _ = open_envelope(content)
    check_ledger(statement["predicate"])


def read_line(content: bytes, folder: Path) -> None:
    try:
        read_entry(content, "here")
    finally:
        (folder / "ledger.jsonl").write_bytes(content)
        read_chain(folder / "ledger.jsonl")


def read_note(content: bytes, _folder: Path) -> None:
    read_checkpoint(content.decode(errors="surrogateescape"))


def read_folder(content: bytes, folder: Path) -> None:
    (folder / "manifest.json").write_bytes(content)
    read_manifest(folder)


def read_config(content: bytes, folder: Path) -> None:
    (folder / "adapter_config.json").write_bytes(content)
    check_adapter(folder)


READERS: dict[str, tuple[Callable[[bytes, Path], None], bytes]] = {
    "certificate": (read_certificate, CERTIFICATE),
    "ledger line": (read_line, ENTRY.line()[:-1]),
    "checkpoint": (read_note, CHECKPOINT.encode()),
    "manifest": (read_folder, MANIFEST),
    "adapter configuration": (read_config, CONFIG),
}


def fuzzed(seed: bytes, chance: random.Random) -> bytes:
    """Return bytes made of a sound file: bits, cuts, repetitions, other values in the place of its own."""
    kind = chance.randrange(6)
    if kind == 0:
        changed = bytearray(seed)
        for _ in range(chance.randrange(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    if kind == 1:
        return seed[: chance.randrange(len(seed))] + chance.randbytes(chance.randrange(20))
    if kind == 2:
        start, end = sorted(chance.randrange(len(seed)) for _ in range(2))
        return seed[:start] + seed[start:end] * chance.randrange(4) + seed[end:]
    if kind == 3:
        return chance.randbytes(chance.randrange(200))
    if kind == 4:
        return b"[" * chance.randrange(100_000) if chance.random() < 0.01 else b"{" * chance.randrange(2000)
    try:
        return json.dumps(_with_other_value(json.loads(seed), chance)).encode(errors="surrogatepass")
    except ValueError:  # a checkpoint is no JSON
        return seed.replace(b"\n", bytes([chance.randrange(256)]), chance.randrange(1, 4))


def _with_other_value(value: object, chance: random.Random) -> object:
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        if chance.random() < 0.2:
            return {name: value[name] for name in value if name != key}
        return {**value, key: _with_other_value(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        index = chance.randrange(len(value))
        return [*value[:index], _with_other_value(value[index], chance), *value[index + 1 :]]
    return chance.choice(VALUES)


def odd_errors(name: str, count: int, folder: Path) -> list[str]:
    """Return what was raised that is no error of ours."""
    read, seed = READERS[name]
    chance, odd = random.Random(name), []
    for number in range(count):
        content = fuzzed(seed, chance)
        try:
            read(content, folder)
        except SiuError:
            continue
        except Exception as error:  # noqa: BLE001
            odd.append(f"{number}: {type(error).__name__}: {error} of {content[:200]!r}")
    return odd


REFUSED = {"certificate": "E-CRT-004", "manifest": "E-STO-002", "adapter configuration": "E-MOD-029"}
"""How far each sound file is read: its form is right, what it names isn't there."""


@pytest.mark.parametrize("name", READERS)
def test_the_sound_file_is_read(name: str, tmp_path: Path) -> None:
    read, seed = READERS[name]
    if name in REFUSED:
        with pytest.raises(SiuError, match=REFUSED[name]):
            read(seed, tmp_path)
    else:
        read(seed, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_fuzzed_bytes_raise_our_errors_only(name: str, tmp_path: Path) -> None:
    assert odd_errors(name, QUICK, tmp_path) == []


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", READERS)
def test_many_fuzzed_bytes_raise_our_errors_only(name: str, tmp_path: Path) -> None:
    assert odd_errors(name, MANY, tmp_path)[:5] == []
