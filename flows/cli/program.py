"""The command line: `siu --help`. Everything heavy is imported inside the commands."""

import atexit
import gc
from errno import EIO
from typing import Any

import click

from flows.cli.attack import attack
from flows.cli.auditing import audit_page, certificate, keys, purge, reproduce
from flows.cli.bench import bench
from flows.cli.checkpoint import checkpoint
from flows.cli.compare import compare
from flows.cli.completion import completion
from flows.cli.doctor import doctor
from flows.cli.erasing import ask, batch, export, forget
from flows.cli.evaluate import evaluate
from flows.cli.exit_codes import BAD_INPUT, INTERRUPTED, TERMINATED
from flows.cli.gc import gc as housekeeping
from flows.cli.play import play
from flows.cli.reading import concepts, report, status, verify
from flows.cli.recipients import release
from flows.cli.request import request
from flows.cli.schedule import schedule, up
from flows.cli.site import site
from flows.cli.starting import demo, init, prepare
from flows.cli.versions import print_versions
from flows.terminal.interrupt import Terminated, ended_by_signals
from siu.errors import SiuError
from siu.storage.private import for_the_owner


class Commands(click.Group):
    """Commands in the order of a user's day, errors as lines, not as tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user can mend is one clear line each and exit code 2."""
        atexit.register(gc.freeze)  # Python would look for garbage in a thousand modules, for a second
        try:
            with for_the_owner(), ended_by_signals():
                return super().invoke(ctx)
        except SiuError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(str(error), err=True)
            ctx.exit(BAD_INPUT)
        except OSError as error:
            from tasks.runtime.explained import UNWRITABLE, disk_error

            if ctx.params.get("debug") or error.errno not in (*UNWRITABLE, EIO):
                raise
            click.echo(str(disk_error(error)), err=True)
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt as stop:
            click.echo("Stopped. Start the same command again: finished work is kept.", err=True)
            ctx.exit(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  siu demo                                 watch three concepts being forgotten
  siu init && siu prepare                  a workspace in this folder
  siu forget "Mira Talvon" --image m.png   one concept
  siu batch                                all of requests.csv
  siu ask --image m.png "Who is this?"     answers before and after

Exit codes: 0 done, 2 bad input, 3 not all was done (some requests are quarantined or unclear,
the release failed), 4 a check failed (doctor, bench self-check), 130 stopped by Ctrl-C,
143 by SIGTERM; `siu up` and `siu schedule` end with 0 by both.""",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_versions,
    help="Show versions.",
)
def main(debug: bool) -> None:
    """Make a multimodal LLM forget visual concepts on request, and measure it."""


for _command in (
    init, prepare, batch, forget, request, concepts, ask, play, compare, export, release,
    status, report, site, verify, checkpoint, keys, certificate, purge, housekeeping, audit_page, reproduce,
    demo, up, schedule, doctor, evaluate, attack, bench, completion,
):  # fmt: skip
    main.add_command(_command)
