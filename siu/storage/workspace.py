"""The folder a user works in, and where everything lies in it."""

from dataclasses import dataclass
from pathlib import Path

from siu.config.file import load_params
from siu.config.params import Params
from siu.errors import InputError


@dataclass(frozen=True)
class Workspace:
    """Paths below the folder that holds ``params.yaml``; nothing is created by asking for one.

    Attributes:
        root: The folder itself.
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Workspace":
        """Return the nearest workspace, from a folder (default: the current one) upwards.

        Raises:
            InputError: ``E-WSP-001`` there is none.
        """
        first = (start or Path.cwd()).resolve()
        for folder in (first, *first.parents):
            if (folder / "params.yaml").is_file():
                return cls(folder)
        raise InputError(
            "E-WSP-001",
            "neither this folder nor one above it holds params.yaml",
            "Run `siu init` in an empty folder, or change into a workspace",
            str(first),
        )

    @property
    def params_file(self) -> Path:
        """Everything a run can be told."""
        return self.root / "params.yaml"

    def params(self) -> Params:
        """Read and check ``params.yaml``.

        Raises:
            PreflightError: It can't be read or has wrong values.
        """
        return load_params(self.params_file)

    def requests_csv(self, params: Params) -> Path:
        """The table of erasure requests; private, it holds names."""
        return self.root / params.data.requests

    def collection(self, params: Params) -> Path:
        """The folder of the prepared collection."""
        return self.root / params.data.collection

    @property
    def artifacts(self) -> Path:
        """Root of the `siu.storage.store.Store`: the outputs of all stages."""
        return self.root / "artifacts"

    @property
    def request_store(self) -> Path:
        """Pictures of requests; private."""
        return self.root / "requests"

    @property
    def state(self) -> Path:
        """What must not be lost: the ledger, releases, locks."""
        return self.root / "state"

    @property
    def ledger(self) -> Path:
        """The audit ledger."""
        return self.state / "ledger.jsonl"

    @property
    def request_records(self) -> Path:
        """What requests ask for and what was decided about them; private, it holds names."""
        return self.request_store / "records.jsonl"

    @property
    def request_lock(self) -> Path:
        """Held by whoever adds requests or decides about them."""
        return self.state / "requests.lock"

    @property
    def batch_lock(self) -> Path:
        """Held by the one batch that may run."""
        return self.state / "batch.lock"

    @property
    def models(self) -> Path:
        """Adapters that are released."""
        return self.state / "models"

    @property
    def release_reasons(self) -> Path:
        """Why people accepted a release or took one back; private."""
        return self.state / "release-reasons.jsonl"

    @property
    def reports(self) -> Path:
        """Reports for people."""
        return self.root / "reports"

    @property
    def comparisons(self) -> Path:
        """Tables and pages of studies, a folder each."""
        return self.root / "comparison"

    @property
    def mlflow_database(self) -> Path:
        """MLflow's metrics."""
        return self.root / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        """MLflow's files."""
        return self.root / "mlartifacts"

    @property
    def tracking(self) -> Path:
        """What MLflow is told, kept so that it can be told again; losses of trainings under way."""
        return self.state / "tracking"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own state."""
        return self.root / ".prefect"

    @property
    def service_password(self) -> Path:
        """The password of the servers that `siu up` starts; only its owner may read it."""
        return self.prefect_home / "service-password"

    @property
    def schedule_log(self) -> Path:
        """What became of each run of the schedule, a line each."""
        return self.prefect_home / "schedule.jsonl"

    @property
    def schedule_alive(self) -> Path:
        """Touched while the schedule is served."""
        return self.prefect_home / "schedule-alive"

    @property
    def schedule_queue(self) -> Path:
        """Held by the one run of the schedule that may wait for a batch at work."""
        return self.state / "schedule-queue.lock"
