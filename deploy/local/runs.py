"""What the supervisor writes down about itself, for those who come later."""

import json
from dataclasses import asdict, dataclass

from deploy.local.folder import DemoFolder
from deploy.local.private_files import write_private
from deploy.local.processes import started_at


@dataclass(frozen=True)
class RunningChild:
    """A process: a number alone proves nothing, it may be another's by now; the start tells."""

    name: str
    pid: int
    started: str

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return self.started != "" and started_at(self.pid) == self.started


@dataclass(frozen=True)
class Run:
    """The supervisor that holds the lock, or the one that held it last, and the processes that it started.

    `ended` is why it ended by itself.
    """

    pid: int
    url: str
    flower_url: str
    ready: bool = False
    children: tuple[RunningChild, ...] = ()
    ended: str = ""


def load_run(folder: DemoFolder) -> Run | None:
    """The last run; None when there never was one."""
    try:
        stored = json.loads(folder.run.read_text())
    except FileNotFoundError:
        return None
    children = tuple(RunningChild(**child) for child in stored["children"])
    return Run(**{**stored, "children": children})


def save_run(folder: DemoFolder, run: Run) -> None:
    """Replace what is written down."""
    write_private(folder.run, json.dumps(asdict(run), indent=1) + "\n")
