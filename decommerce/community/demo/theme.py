"""What a demo community is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """The words that a demo community is made of.

    `rooms` are (name, description); `openings` are first sentences that take a subject; `remarks` are single sentences
    that may follow each other in any order; `products` are (title, price); `missions` are (title, description, XP);
    `rewards` are (title, description, XP). `shop` is the domain of its shop.
    """

    slug: str
    name: str
    timezone: str
    currency: str
    shop: str
    rooms: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    remarks: tuple[str, ...]
    replies: tuple[str, ...]
    products: tuple[tuple[str, str], ...]
    missions: tuple[tuple[str, str, int], ...]
    rewards: tuple[tuple[str, str, int], ...]
