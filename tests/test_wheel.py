"""The wheel holds what the code reads, and works where there is no checkout."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = (".py", ".pyc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist and wheel, the wheel out of the sdist, with the setuptools that is locked."""
    folder = tmp_path_factory.mktemp("dist")
    uv = (sys.executable, "-m", "uv", "build", "--quiet", "--no-build-isolation", "--offline")
    subprocess.run([*uv, "--python", sys.executable, "--out-dir", str(folder), str(ROOT)], check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


def version() -> str:
    """The version that pyproject.toml names."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(table["project"]["version"])


def packaged_data() -> set[str]:
    """The files beside the code that git knows, below the packages."""
    listed = subprocess.run(
        ["git", "ls-files", "siu", "tasks", "flows"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.splitlines() if not name.endswith(CODE)}


@pytest.mark.slow
def test_the_wheel_holds_all_data_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"siu", "tasks", "flows"}
    data = {name for name in names if name.split("/")[0] in tops and not name.endswith(CODE)}
    assert data == packaged_data()
    assert "siu/worlds/drawn/weights/base/model.safetensors" in data


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_command_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    start = f"import sys; sys.path.insert(0, {str(site)!r}); from flows.cli.program import main; main()"

    def siu(*arguments: str, cwd: Path = tmp_path) -> str:
        command = [sys.executable, "-P", "-W", "ignore", "-c", start, *arguments]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert siu("--version").splitlines()[0] == f"siu {version()}"
    workspace = tmp_path / "mine"
    siu("init", str(workspace))
    assert "The collection is ready" in siu("prepare", cwd=workspace)
    assert "Davi Maresh" in siu("concepts", cwd=workspace)
    picture = next((workspace / "data/collection/pictures").iterdir())
    assert siu("ask", "--base", "--image", str(picture), cwd=workspace).strip()
