"""`siu completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from flows.cli.options import examples

VARIABLE = "_SIU_COMPLETE"
"""Set by the script when it asks `siu` what there is."""
SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        "siu completion bash > ~/.local/share/bash-completion/completions/siu",
        "siu completion zsh > ~/.zfunc/_siu",
        "siu completion fish > ~/.config/fish/completions/siu.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and files."""
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(context.find_root().command, {}, "siu", VARIABLE).source(), nl=False)
