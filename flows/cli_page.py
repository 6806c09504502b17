"""``docs/cli.md``, from the program itself: ``python -m flows.cli_page > docs/cli.md``."""

import sys

import click

from flows.cli import main

HEAD = """\
# The command line

Exit codes: 0 done · 2 bad input or an unfit workspace, one line per problem on stderr ·
3 some requests are quarantined · 130 stopped by Ctrl-C. `siu --debug COMMAND` shows tracebacks.
Progress goes to stderr, results to stdout.
This page is written by `python -m flows.cli_page > docs/cli.md`.
"""


def cli_page() -> str:
    """Return the help of every command as Markdown."""
    return HEAD + "".join(f"\n## siu {name}\n\n```\n{_help(name)}\n```\n" for name in main.commands)


def _help(name: str) -> str:
    parent = click.Context(main, info_name="siu", help_option_names=["-h", "--help"])
    context = click.Context(main.commands[name], info_name=name, parent=parent, terminal_width=100)
    return main.commands[name].get_help(context).strip()


if __name__ == "__main__":
    sys.stdout.write(cli_page())
