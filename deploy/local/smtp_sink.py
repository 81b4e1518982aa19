"""A mail server that keeps every message as a file and delivers none.

`python -m deploy.local.smtp_sink --port 8025 --folder .demo/mail`
"""

import argparse
import asyncio
import itertools
import signal
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import LOOPBACK
from deploy.local.private_files import private_folder

_numbers = itertools.count(1)


class Sink:
    """Writes each message to `folder`, named by its time of arrival, with the envelope as first lines (RFC 5321)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Called by aiosmtpd for each message."""
        content = envelope.content
        body = content if isinstance(content, bytes) else (content or "").encode()
        received = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        name = f"{received}-{next(_numbers):06d}.eml"
        head = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        await asyncio.to_thread(self._keep, name, head.encode() + body)
        return f"250 Kept as {name}"

    def _keep(self, name: str, message: bytes) -> None:
        # Whoever waits for *.eml must never read half of one.
        draft = self._folder / f".{name}"
        draft.write_bytes(message)
        draft.replace(self._folder / name)


async def serve(folder: Path, port: int) -> None:
    """Accept mail on the loopback address until SIGTERM or SIGINT."""
    private_folder(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(lambda: SMTP(Sink(folder), enable_SMTPUTF8=True, loop=loop), LOOPBACK, port)
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail as a file.")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, default=Path(".demo/mail"))
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.folder, arguments.port))


if __name__ == "__main__":
    main()
