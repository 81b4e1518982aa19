"""Make `.venv` and install what the lock file names, when that was not done yet.

Run by whatever Python the machine has (`python3 deploy/local/install.py`), before anything is installed: nothing but
the standard library, and syntax that an old Python can read far enough to say that it is too old.
"""

import hashlib
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = PROJECT / "requirements.lock"
STAMP = VENV / "installed.sha256"
LOG = VENV / "install.log"


def main() -> int:
    """Exit status 0 when everything is installed, 1 after one line that says what to do."""
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:3])
        return fail(f"Python 3.11 or newer is needed and {sys.executable} is {have}: `make demo PYTHON=python3.11`.")
    if not works() and run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        return fail("Python cannot make a virtual environment. On Debian and Ubuntu: `apt-get install python3-venv`.")
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == digest:
        return 0
    return install(digest)


def install(digest: str) -> int:
    """Install the lock file, and remember which it was."""
    begin = time.monotonic()
    print("Installing dependencies (once, about a minute) ...", end="", flush=True)
    options = ["--require-hashes", "--disable-pip-version-check", "--no-input", "-q", "-r", str(LOCK)]
    with LOG.open("w") as log:
        pip = subprocess.run([str(PYTHON), "-m", "pip", "install", *options], stdout=log, stderr=subprocess.STDOUT)
    if pip.returncode != 0:
        errors = [line for line in LOG.read_text().splitlines() if line.startswith("ERROR")]
        print(" failed", flush=True)
        return fail(f"{errors[-1] if errors else 'pip failed.'} Is the package index reachable? The log: {LOG}")
    STAMP.write_text(digest)
    print(f" {time.monotonic() - begin:.0f} s", flush=True)
    return 0


def works() -> bool:
    """Whether the virtual environment is there and its Python is too: an upgrade of the system can take that away."""
    return PYTHON.exists() and run([str(PYTHON), "-c", "import pip"]) == 0


def run(command: "list[str]") -> int:
    """The exit status of a command whose output is of no interest."""
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def fail(line: str) -> int:
    """Say what is wrong."""
    print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
