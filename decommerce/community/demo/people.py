"""The members of a demo community."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from decommerce.community.demo.theme import Theme
from decommerce.community.models import Member, MemberStatus

COUNT = 80
FIRST_NAMES = """
    Mira Jonas Lena Felix Nora Emil Clara Anton Ida Theo Greta Oskar Maja Linus Elsa Samuel Ronja Hugo Selma Nils
    Aisha Mateo Yuki Priya Tomas Zoe Ravi Ines Karim Alva Bruno Chiara Dario Eline Farid Hanna Ivo Juna Kian Lotte
"""
LAST_NAMES = """
    Sand Keller Moreau Lindqvist Okafor Brandt Rossi Nakamura Silva Novak Hansen Weber Dubois Patel Fischer Marin
    Costa Larsen Meier Kowalski
"""
COUNTRIES = ("CH", "DE", "AT", "FR", "IT", "SE", "NL", "")


def make_members(theme: Theme, random: Random, now: datetime) -> list[Member]:
    """Members who joined over the last two years; some are very active, some have not been seen for long."""
    names = [f"{first} {last}" for last in LAST_NAMES.split() for first in FIRST_NAMES.split()]
    return [_member(theme, number, name, random, now) for number, name in enumerate(random.sample(names, COUNT), 1)]


def _member(theme: Theme, number: int, name: str, random: Random, now: datetime) -> Member:
    joined_at = now - timedelta(days=random.randint(3, 730), minutes=random.randint(0, 1439))
    # Most were here lately, a few long ago, and some never came back after they joined.
    away = timedelta(days=min(random.expovariate(1 / 12), 400), minutes=random.randint(0, 1439))
    last_active_at = None if random.random() < 0.05 else max(joined_at, now - away)
    recently = last_active_at is not None and now - last_active_at < timedelta(days=7)
    return Member(
        external_id=f"demo:{number}",
        display_name=name,
        email=f"{name.lower().replace(' ', '.')}@{theme.slug}.example",
        status=MemberStatus.SUSPENDED if number % 40 == 0 else MemberStatus.ACTIVE,
        engagement_score=Decimal(random.randint(200, 9900) if recently else random.randint(0, 2500)) / 100,
        country=random.choice(COUNTRIES),
        bio=random.choice(theme.remarks) if random.random() < 0.4 else "",
        joined_at=joined_at,
        last_active_at=last_active_at,
    )
