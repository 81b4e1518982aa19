"""A supervisor with small children, as a process of its own: `python -m tests.deploy.small_system FOLDER CHILD...`.

A child is a shell command; it is ready when the file that is named like it (child0, child1 ...) lies in FOLDER.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from deploy.local.folder import DemoFolder
from deploy.local.runs import Run, save_run
from deploy.local.stopping import Stopped, StopRequest
from deploy.local.supervisor import Child, Supervisor


def main(folder: DemoFolder, commands: list[str]) -> None:
    folder.make()
    stop = StopRequest(on_notice=lambda: print("noticed", flush=True))
    stop.listen()
    children = [
        Child(f"child{number}", ("sh", "-c", command), stage=number, ready=(folder.root / f"child{number}").exists)
        for number, command in enumerate(commands)
    ]
    with (
        suppress(Stopped),
        Supervisor(
            children, folder=folder.root, logs=folder.logs, environment=os.environ, stop=stop, patience=1
        ) as supervisor,
    ):
        supervisor.start()
        run = Run(os.getpid(), "http://nowhere", "http://nowhere", children=supervisor.running())
        save_run(folder, run)
        supervisor.wait_ready(20, lambda detail: None)
        save_run(folder, replace(run, ready=True))
        supervisor.watch(lambda line: print(line, flush=True))


if __name__ == "__main__":
    main(DemoFolder(Path(sys.argv[1])), sys.argv[2:])
