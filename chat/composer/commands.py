"""Asking for what already exists: list, show, run, pause, resume and delete apps, and why one did not run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.composer.ground import Ground, KnownApp
from chat.composer.words import even
from chat.model.port import ToolCall

CALL_ID = "offline"
_LIST = re.compile(
    r"^(?:please\s+)?(?:(?:list|show|what are|which are|see|display)\b(?:\s+(?:me|all|my|our|the|of))*\s+apps\b"
    r"|(?:what|which) apps\b)",
    re.IGNORECASE,
)
_IT = re.compile(r"it|this|that|(?:this |the )?app|this one", re.IGNORECASE)
_HELP = re.compile(
    r"^(?:hi|hello|hey|help|good (?:morning|evening|day)|what can (?:you|i)|how do(?:es)? (?:this|it|i)|who are you"
    r"|thanks?(?: you)?)\b[^.]{0,60}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Command:
    """A way to ask for one tool. `target` names the group that holds the app's name."""

    tool: str
    pattern: re.Pattern[str]


def _command(tool: str, text: str) -> Command:
    return Command(tool, re.compile(rf"^(?:please\s+|can you\s+|could you\s+)?{text}[?.! ]*$", re.IGNORECASE))


_PAUSING = re.compile(
    r"^(?:please\s+)?(?:pause|resume|unpause|disable|enable|uninstall|(?:turn|switch) (?:on|off))\b",
    re.IGNORECASE,
)
_APP = r"(?:the\s+)?(?:app\s+)?[\"“']?(?P<app>.{1,120}?)[\"”']?(?:\s+app)?"
COMMANDS = (
    _command("get_app_logs", rf"why (?:did|does|has)\s+{_APP}\s+(?:fail(?:ed)?|go wrong|break)"),
    _command(
        "why_not_run", rf"why (?:did|does|has)(?:\s?n['’]?t| not)?\s+{_APP}\s+(?:not\s+)?(?:run|ran|act|start|fire)"
    ),
    _command("pause_app", rf"(?:pause|stop|disable|turn off|switch off)\s+{_APP}"),
    _command("resume_app", rf"(?:resume|unpause|continue|enable|restart|turn on|switch on)\s+{_APP}"),
    _command("run_app", rf"(?:run|start|execute|trigger)\s+{_APP}(?:\s+now)?"),
    _command("delete_app", rf"(?:delete|remove|uninstall)\s+{_APP}"),
    _command("get_app", rf"(?:show|explain|open|describe|what does)\s+(?:me\s+)?{_APP}(?:\s+do)?"),
)  # fmt: skip


_RUN = re.compile(
    r"^(?:please\s+)?(?:why|what|show|explain|how)\b[^.]{0,40}?\brun\s+(?:number\s+)?#?(?P<run>\d{1,18})\b",
    re.IGNORECASE,
)
WENT_WRONG = ["failed", "dead"]


def is_greeting(text: str) -> bool:
    """Whether somebody only says hello, or asks what this is."""
    return bool(_HELP.match(text.strip()))


def command_in(text: str, ground: Ground, current: int | None = None) -> ToolCall | None:
    """The call that a sentence asks for; None where it names no app that exists.

    `current` is the number of the app that the conversation is about: "it", "this" and "the app" name it.
    """
    sentence = even(text)
    if _LIST.match(sentence):
        return ToolCall(f"{CALL_ID}:list_apps", "list_apps", {})
    run = _RUN.match(sentence)
    if run:
        return ToolCall(f"{CALL_ID}:get_app_logs", "get_app_logs", {"run": int(run["run"])})
    for command in COMMANDS:
        found = command.pattern.match(sentence)
        app = _meant(found["app"], ground, current) if found else None
        if app is not None:
            more = {"states": WENT_WRONG, "limit": 1} if command.tool == "get_app_logs" else {}
            return ToolCall(f"{CALL_ID}:{command.tool}", command.tool, {"app": app.id, **more})
    return None


def names_unknown_app(text: str) -> bool:
    """Whether a sentence asks to pause or resume something: where no app has that name, it is no request for one."""
    return bool(_PAUSING.match(even(text)))


def _meant(name: str, ground: Ground, current: int | None) -> KnownApp | None:
    if current is not None and _IT.fullmatch(name.strip()):
        return app_named(str(current), ground)
    return app_named(name, ground)


def app_named(name: str, ground: Ground) -> KnownApp | None:
    """The app of that name or number; failing that the only one whose name contains it."""
    wanted = name.strip().strip("#").lower()
    exact = [app for app in ground.apps if wanted in {even(app.name).lower(), str(app.id)}]
    partly = [app for app in ground.apps if len(wanted) > 2 and wanted in even(app.name).lower()]
    return exact[0] if exact else partly[0] if len(partly) == 1 else None
