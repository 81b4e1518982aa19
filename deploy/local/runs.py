"""What the supervisor writes down about itself, for those who come later."""

import json
from dataclasses import asdict, dataclass, field

from deploy.local.folder import DemoFolder
from deploy.local.private_files import write_private


@dataclass(frozen=True)
class Run:
    """The supervisor that holds the lock, or the one that held it last. `children`: process number -> command line."""

    pid: int
    url: str
    flower_url: str
    ready: bool = False
    children: dict[int, str] = field(default_factory=dict)


def load_run(folder: DemoFolder) -> Run | None:
    """The last run; None when there never was one."""
    try:
        stored = json.loads(folder.run.read_text())
    except FileNotFoundError:
        return None
    children = {int(pid): command for pid, command in stored["children"].items()}
    return Run(**{**stored, "children": children})


def save_run(folder: DemoFolder, run: Run) -> None:
    """Replace what is written down."""
    write_private(folder.run, json.dumps(asdict(run), indent=1) + "\n")
