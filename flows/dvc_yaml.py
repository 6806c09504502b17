"""The steps of a batch as ``dvc.yaml`` describes them, made of what each stage declares: they call `siu`.

Folders accumulate outputs named by their plan digest, so they persist: a stage that DVC starts again finds
what is there and adds what is missing. What of params.yaml a stage reads decides when DVC starts it.
"""

from dataclasses import dataclass

from tasks.stages import DECLARED, PREPARE, REPORT, STEPS


@dataclass(frozen=True)
class DvcStage:
    """One stage of ``dvc.yaml``.

    Attributes:
        name: The step of the batch.
        command: What DVC runs.
        deps: Files and folders it reads.
        params: Keys of params.yaml it reads.
        outs: Folders it fills; kept from run to run unless it makes them anew.
        persist: Whether they are kept.
    """

    name: str
    command: str
    deps: tuple[str, ...]
    params: tuple[str, ...]
    outs: tuple[str, ...]
    persist: bool = True


METRICS = """\
    metrics:
    - metrics/summary.json:
        cache: false
    plots:
    - plots/losses.csv:
        x: step
        y: loss
"""


def dvc_stage(step: str) -> DvcStage:
    """Return the stage of ``dvc.yaml`` for a step: what its stages read of others and leave."""
    stages = [stage for stage in DECLARED if stage.ends == step]
    outs = tuple(folder for stage in stages for folder in stage.folders)
    read = {name for stage in stages for name in stage.reads}
    files = {file for stage in stages for file in stage.files}
    folders = [folder for stage in DECLARED if stage.name in read for folder in stage.folders]
    params = dict.fromkeys(key for stage in stages for key in stage.params)
    is_made_anew = step == PREPARE.name
    return DvcStage(
        step,
        "siu prepare" if is_made_anew else f"siu batch --until {step}",
        (*sorted(files), *(folder for folder in folders if folder not in outs)),
        tuple(params),
        outs,
        persist=not is_made_anew,
    )


def dvc_yaml() -> str:
    """Return the text of ``dvc.yaml``."""
    head = "# Written by `siu init` (docs/how-to/dvc.md). Only the plan digest decides what is done again.\n"
    return f"{head}stages:\n" + "".join(_stage(dvc_stage(step)) for step in STEPS)


def _stage(stage: DvcStage) -> str:
    lines = [f"  {stage.name}:", f"    cmd: {stage.command}"]
    if stage.deps:
        lines += ["    deps:", *(f"    - {dep}" for dep in stage.deps)]
    lines += ["    params:", *(f"    - {param}" for param in stage.params), "    outs:"]
    for out in stage.outs:
        lines += [f"    - {out}:", "        persist: true"] if stage.persist else [f"    - {out}"]
    return "\n".join(lines) + "\n" + (METRICS if stage.name == REPORT.name else "")
