"""What all tests share: one torch thread, no network, a workspace in a temporary folder."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

# Before any library reads them.
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    DO_NOT_TRACK="1",
    DVC_NO_ANALYTICS="1",
    MLFLOW_DISABLE_TELEMETRY="true",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    TOKENIZERS_PARALLELISM="false",
)
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("siu", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("siu")


LONGEST = ("tests/flows", "tests/siu/selfcheck", "tests/siu/attacks", "tests/siu/unlearning", "tests/siu/api")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end no process waits for another one."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@contextmanager
def _same_environment() -> Iterator[None]:
    """Commands point Prefect at their workspace; what comes next has another one."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True, scope="module")
def _same_environment_after_a_module() -> Iterator[None]:
    with _same_environment():  # a module's fixture may run commands before its first test begins
        yield


@pytest.fixture(autouse=True)
def _same_environment_after_a_test() -> Iterator[None]:
    with _same_environment():
        yield


@pytest.fixture(autouse=True, scope="module")
def _imports_are_no_garbage() -> Iterator[None]:
    """A search for garbage takes half a second among a thousand modules, and there are thousands of them."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _one_torch_thread() -> Iterator[None]:
    """Results of sums depend on the number of threads; tests that use torch get one."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """An empty workspace with all defaults; the current folder is its root."""
    from siu.config.file import write_default_params
    from siu.storage.workspace import Workspace

    root = tmp_path / "workspace"
    root.mkdir()
    write_default_params(root / "params.yaml")
    monkeypatch.chdir(root)
    return Workspace(root)
