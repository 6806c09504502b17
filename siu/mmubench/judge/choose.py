"""Which judge the parameters name."""

from functools import lru_cache
from pathlib import Path

from siu.config.params import BaseModelParams, JudgeParams, RuntimeParams
from siu.mmubench.judge.asking import Judge


@lru_cache(maxsize=1)
def load_judge(params: JudgeParams, runtime: RuntimeParams, root: Path, batch_size: int) -> Judge | None:
    """Return the judge, loaded once per process; None where there is none, so that nothing is rated.

    Raises:
        InputError: The endpoint can't be used.
        ModelError: The local model can't be used.
    """
    if params.source == "endpoint":
        from siu.mmubench.judge.endpoint import EndpointJudge

        return EndpointJudge(params)
    if params.source == "local":
        from siu.mmubench.judge.local import LocalJudge
        from siu.models import load_model

        model = BaseModelParams(source=str(params.model), revision=params.revision)
        return LocalJudge(load_model(model, runtime, root=root), batch_size, params.max_tokens)
    return None
