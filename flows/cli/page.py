"""``docs/reference/cli.md``, from the program itself; `HEAD` says how it is written."""

import sys

import click

from flows.cli.program import main

HEAD = """\
# The command line

Exit codes: 0 done · 2 bad input or an unfit workspace, one line per problem on stderr ·
3 not all was done: requests are quarantined or unclear, or the release failed (`siu batch`, `siu demo`),
runs of a study failed (`siu compare`), rows were not taken (`siu request import`), a copy differs
(`siu reproduce`), or somebody should look (`siu doctor`) ·
4 what was checked does not hold: `siu bench self-check` found a fault, or batches can't run (`siu doctor`) ·
130 stopped by Ctrl-C · 143 by SIGTERM (`siu up` and `siu schedule` end with 0 by both).
Any other verdict is no failure: where a request was not forgotten the code is 0, with the reasons printed.
`siu --debug COMMAND` shows tracebacks.
Progress goes to stderr, results to stdout.
This page is written by `python -m flows.cli.page > docs/reference/cli.md`.
"""


def cli_page() -> str:
    """Return the help of every command as Markdown; a group's commands follow the group."""
    root = click.Context(main, info_name="siu", help_option_names=["-h", "--help"])
    return HEAD + "".join(_section(command, root) for command in main.commands.values())


def _section(command: click.Command, parent: click.Context) -> str:
    context = click.Context(command, info_name=command.name, parent=parent, terminal_width=100)
    text = f"\n## {context.command_path}\n\n```\n{command.get_help(context).strip()}\n```\n"
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return text + "".join(_section(subcommand, context) for subcommand in below)


if __name__ == "__main__":
    sys.stdout.write(cli_page())
