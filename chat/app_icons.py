"""The icon of an app: its author names it by an emoji, the pages draw it as one of their own."""

from __future__ import annotations

from collections.abc import Mapping

from chat.icons import ICONS

# Of an emoji that is not drawn here, and of none.
PLAIN = "bolt"
# Asks for the coloured form of a character, which says nothing of what it shows.
_COLOURED = "\ufe0f"
NAMES: Mapping[str, str] = {
    "⏰": "clock",
    "⭐": "star",
    "✉": "mail",
    "🆕": "spark",
    "🌅": "sun",
    "🌟": "star",
    "🎁": "gift",
    "🎉": "party",
    "🎯": "target",
    "🏆": "trophy",
    "🏟": "medal",
    "👋": "wave",
    "👑": "crown",
    "💬": "chat",
    "💰": "coin",
    "📅": "calendar",
    "📈": "trend",
    "📊": "chart",
    "📝": "write",
    "📣": "megaphone",
    "📧": "mail",
    "📨": "mail",
    "🔎": "search",
    "🔔": "bell",
    "🔗": "link",
    "🔥": "flame",
    "🗄": "box",
    "🗞": "newspaper",
    "🙏": "heart",
    "🚀": "rocket",
    "🚨": "siren",
    "🚩": "flag",
    "🛍": "bag",
    "🛒": "cart",
    "🤝": "team",
    "🥳": "party",
    "🧐": "read",
    "🧭": "compass",
    "🧮": "calculator",
    "🧲": "magnet",
    "🧹": "broom",
    "🧾": "receipt",
    "🩺": "pulse",
}


def drawing_of(emoji: str) -> str:
    """The path of an app's icon, on the grid of the other icons."""
    return ICONS[NAMES.get(emoji.replace(_COLOURED, ""), PLAIN)]
