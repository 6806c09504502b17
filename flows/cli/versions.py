"""`siu --version`: what a bug report has to say."""

import click

STACK = ("torch", "transformers", "peft", "prefect", "mlflow", "dvc")
"""What decides results, and what runs them; nothing of it is imported."""


def versions() -> str:
    """Return the version of siu, and in a second line those of Python and the stack."""
    import platform

    stack = ", ".join(f"{name} {_version(name)}" for name in STACK)
    return f"siu {_version('siu')}\nPython {platform.python_version()}, {stack}"


def print_versions(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    """Print the versions and end, where they are asked for."""
    if is_asked and not context.resilient_parsing:
        click.echo(versions())
        context.exit()


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
