"""The icons of the pages: paths on a grid of 24 by 24, drawn with the stroke of the text beside them."""

from __future__ import annotations

from collections.abc import Mapping

ICONS: Mapping[str, str] = {
    "chat": "M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5V7A1.5 1.5 "
    "0 0 1 5 5.5Z",
    "apps": "M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM16.5 13.5v6M13.5 16.5h6",
    "gallery": "M6.5 3.5h11M5.5 6.5h13M4.5 9.5h15v11h-15zM9 15h6M12 12v6",
    "write": "m4.5 19.5 1-4L16 5l3 3L8.5 18.5l-4 1ZM14 7l3 3",
    "bell": "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4",
    "back": "m15 6-6 6 6 6",
    "forward": "m9 6 6 6-6 6",
    "home": "M4 11.5 12 5l8 6.5V20h-5.5v-5.5h-5V20H4Z",
    "plus": "M12 5v14M5 12h14",
    "send": "M12 19V5M6 11l6-6 6 6",
    "stop": "M7 7h10v10H7z",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20",
    "clock": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2",
    "read": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"
    "M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "mail": "M4 6h16v12H4zM4 7l8 6 8-6",
    "limit": "M4 18a9 9 0 1 1 16 0M12 14l4-4",
    "info": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5M12 8v.01",
    "warning": "M12 4.5 21 19.5H3ZM12 10v4M12 16.8v.01",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "cross": "m6.5 6.5 11 11M17.5 6.5l-11 11",
    "pause": "M9 6v12M15 6v12",
    "play": "m8 5.5 10 6.5-10 6.5Z",
    "bin": "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 10.5v6M13.5 10.5v6",
    "flag": "M6 20.5v-16h11l-2 4 2 4H6",
    "spark": "M12 3.5 14 10l6.5 2-6.5 2-2 6.5-2-6.5L3.5 12 10 10Z",
    "branch": "M7 5v14M7 12c6 0 10-1 10-7",
    "door": "M14 4.5H5.5v15H14M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5",
    "link": "M10.5 13.5a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M13.5 10.5a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7"
    "l1.2-1.2",
    "calendar": "M4.5 6h15v14h-15zM4.5 10.5h15M8.5 3.5V7M15.5 3.5V7",
    "switch": "M4 8.5h14l-3-3M20 15.5H6l3 3",
}
