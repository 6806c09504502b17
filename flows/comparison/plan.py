"""What happens before a study starts: all of its file checked, the data prepared, the cases chosen."""

from collections.abc import Sequence

from flows.plan import prepared_job
from siu.comparison.design import make_design
from siu.comparison.method_params import all_method_params
from siu.comparison.study import Study
from siu.comparison.study_file import load_study, study_path
from siu.config.params import Params
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.workspace import Workspace
from tasks.comparison.runs import Comparison


def check_study(workspace: Workspace, study: str, only: Sequence[str]) -> tuple[Study, dict[str, Params]]:
    """Return a study and its methods' parameters after every check that needs no library of models.

    Raises:
        PreflightError: The workspace's parameters, the study or a method's overrides have problems.
        InputError: ``E-CMP-001`` no such study, ``E-CMP-007`` ``--only`` names no method of it.
    """
    path = study_path(study)
    problems = Problems()
    params = Params()
    with problems.noted():
        params = workspace.params()
    with problems.noted():
        checked = load_study(path)
    problems.raise_if_any()
    for name in only:
        if name not in checked.methods:
            what = f"--only {name!r} is no method of this study"
            raise InputError("E-CMP-007", what, f"Use some of {', '.join(checked.methods)}", str(path))
    return checked, all_method_params(params, checked, str(path))


def plan_comparison(workspace: Workspace, study: str, only: Sequence[str]) -> Comparison:
    """Check everything, prepare the data and return the study.

    Raises:
        PreflightError: See `check_study`.
        ModelError: The base model can't be used.
        InputError: See `check_study` and `siu.comparison.design.make_design`.
    """
    checked, params = check_study(workspace, study, only)
    job = prepared_job(workspace, workspace.params(), ())
    design = make_design(checked, job.collection())
    chosen = tuple(name for name in checked.methods if not only or name in only)
    return Comparison(study_path(study).stem, checked, design, job, params, chosen)
