"""`python -m deploy.local demo|up|down|status|remove|reset`: the system on this machine, with or without services."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from deploy.local.background import down, require_own_data, status, up, wipe
from deploy.local.demo import PROJECT, run_demo
from deploy.local.errors import LocalError
from deploy.local.folder import DemoFolder


def demo(folder: DemoFolder, console: Console, arguments: argparse.Namespace) -> None:
    run_demo(folder, console, announce=not arguments.quiet)


def remove(folder: DemoFolder, console: Console, arguments: argparse.Namespace) -> None:
    require_own_data(folder)
    down(folder, console)
    wipe(folder)


def reset(folder: DemoFolder, console: Console, arguments: argparse.Namespace) -> None:
    remove(folder, console, arguments)
    run_demo(folder, console, announce=True)


Command = Callable[[DemoFolder, Console, argparse.Namespace], None]

COMMANDS: dict[str, tuple[Command, str]] = {
    "demo": (demo, "run in the foreground until Ctrl-C"),
    "up": (lambda folder, console, _: up(folder, console), "start in the background"),
    "down": (lambda folder, console, _: down(folder, console), "stop, and keep the data"),
    "status": (lambda folder, console, _: status(folder, console), "where it runs, with logins and keys"),
    "remove": (remove, "stop, and delete all data"),
    "reset": (reset, "stop, delete all data, and run anew in the foreground"),
}


def main(words: Sequence[str]) -> int:
    """Run one command; the exit status. What a person can put right is one line on standard error, no traceback."""
    arguments = _parser().parse_args(words)
    run, _ = COMMANDS[arguments.command]
    try:
        run(DemoFolder(arguments.folder.resolve()), Console(), arguments)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="Decommerce on this machine.")
    parser.add_argument("--folder", type=Path, default=PROJECT / ".demo", help="data, logs and logins (default .demo)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, line) in COMMANDS.items():
        commands.add_parser(name, help=line)
    commands.choices["demo"].add_argument("--quiet", action="store_true", help="do not print logins and keys")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
