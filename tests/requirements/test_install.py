from importlib import metadata

import pytest

from requirements import install


def test_the_locked_torch_is_known() -> None:
    assert f"torch=={install.torch_version()}" in install.ROOT.joinpath("constraints.txt").read_text()


@pytest.mark.parametrize(
    ("version", "needs", "is_kept"),
    [
        ("2.13.0+cpu", [], True),
        ("2.13.0", ["sympy"], True),
        ("2.13.0", ["triton==3.7.1; platform_system == 'Linux'"], False),
        ("2.12.0+cpu", [], False),
    ],
)
def test_a_build_of_ones_own_is_kept_where_it_is_of_the_locked_version(
    monkeypatch: pytest.MonkeyPatch, version: str, needs: list[str], is_kept: bool
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: version)
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    assert install._has_build_of("2.13.0") == is_kept


def test_both_installers_check_digests_and_resolve_nothing() -> None:
    for command in install.INSTALLERS.values():
        assert {"--no-deps", "--no-build-isolation"} <= set(command)
