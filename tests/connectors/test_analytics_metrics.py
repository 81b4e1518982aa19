"""Figures about a community as a definition sees them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.analytics_metrics import NAMES, AnalyticsMetrics
from decommerce.community.models import Contribution, Mission, Reaction, Reward, RewardClaim, UserMission, XpEntry
from decommerce.community.services.members import house_member
from tests.connectors.rows import a_comment, a_flag, a_member, a_post, a_room, an_order
from tests.connectors.world import NOW, ago

pytestmark = pytest.mark.requirement("PIP-01")


@pytest.fixture
def figures(read):
    """(the figure, what it was before) by period."""

    def of(metric: str, currency: str = "") -> dict[str, tuple[Decimal, Decimal]]:
        rows = read(AnalyticsMetrics(), where={"metric": metric, "currency": currency})
        return {row["period"]: (row["value"], row["previous"]) for row in rows}

    return of


def test_every_figure_is_there_for_every_period_even_where_nothing_happened(scope, read):
    rows = read(AnalyticsMetrics())
    assert [(row["metric"], row["period"]) for row in rows] == [
        (name, period) for name in NAMES for period in ("day", "week", "month")
    ]
    assert {(row["value"], row["previous"], row["change"], row["change_percent"]) for row in rows} == {(0, 0, 0, None)}


def test_each_period_is_compared_with_as_long_a_time_before(scope, figures):
    author = a_member(joined_at=ago(400))
    for days in (0.5, 1.5, 6, 8, 13, 20, 31, 59, 61):
        a_post(author, created_at=ago(days))
    a_post(author, created_at=ago(0.5), status="removed")
    assert figures("posts") == {"day": (1, 1), "week": (3, 2), "month": (6, 2)}


def test_a_moment_belongs_to_one_period_only(scope, figures):
    a_post(a_member(), created_at=NOW - timedelta(days=7))
    a_post(a_member(2), created_at=NOW - timedelta(days=14))
    assert figures("posts")["week"] == (1, 1)


def test_the_change_is_told_in_numbers_and_in_percent(scope, read):
    author = a_member()
    for days in (1, 2, 8, 9, 10):
        a_post(author, created_at=ago(days + 0.1))
    fields = ("label", "value", "previous", "change", "change_percent", "starts_at", "ends_at")
    assert read(AnalyticsMetrics(), *fields, where={"metric": "posts", "period": "week"}) == [
        {
            "label": "Posts of any kind",
            "value": Decimal(2),
            "previous": Decimal(3),
            "change": Decimal(-1),
            "change_percent": Decimal("-33.3"),
            "starts_at": "2026-11-14T09:00:00Z",
            "ends_at": "2026-11-21T09:00:00Z",
        }
    ]


def test_who_is_active_and_who_did_not_come_back(scope, figures):
    loyal, lost, new, house = a_member(1), a_member(2), a_member(3), house_member()
    for days in (1, 9, 16):
        a_post(loyal, created_at=ago(days))
    for days in (8, 10, 15):
        a_comment(a_post(house, created_at=ago(days)), lost, created_at=ago(days))
    Reaction.objects.create(post=a_post(house), member=new, kind="like", created_at=ago(2))
    Reaction.objects.create(post=a_post(house), kind="like", created_at=ago(2))
    gone = a_member(4)
    a_post(gone, created_at=ago(20))
    a_post(gone, created_at=ago(13), status="hidden")
    assert figures("active_members")["week"] == (2, 2)
    assert figures("churned_members")["week"] == (1, 1)  # lost; and gone, who was there in the week before that
    assert figures("active_members")["month"] == (4, 0)


def test_what_stands_is_what_stood_at_the_end_of_the_period_before(scope, figures):
    for number, days in enumerate((400, 20, 3), 1):
        a_member(number, joined_at=ago(days))
    house_member()
    post = a_post(a_member(9, joined_at=ago(500)))
    a_flag(post, raised_by_label="a", created_at=ago(10), resolved_at=ago(2))
    a_flag(post, raised_by_label="b", created_at=ago(1.5))
    a_flag(post, raised_by_label="c", created_at=ago(0.5))
    assert figures("members_total") == {"day": (4, 4), "week": (4, 3), "month": (4, 2)}
    assert figures("flags_open") == {"day": (2, 1), "week": (2, 1), "month": (2, 0)}
    assert figures("flags_raised") == {"day": (1, 1), "week": (2, 1), "month": (3, 0)}


def test_revenue_is_kept_apart_by_currency_and_exact(scope, read, figures):
    an_order(1, total_price=Decimal("10.10"), total_refunded=Decimal("0.20"), created_at=ago(3))
    an_order(2, total_price=Decimal("5.00"), created_at=ago(9))
    an_order(3, total_price=Decimal("7.000"), currency="KWD", created_at=ago(40))
    an_order(4, total_price=Decimal("900.00"), created_at=ago(1), cancelled_at=ago(1))
    an_order(5, total_price=Decimal("1.00"), currency="USD", created_at=ago(61))
    assert figures("revenue", "EUR") == {"day": (0, 0), "week": (Decimal("9.90"), 5), "month": (Decimal("14.90"), 0)}
    assert figures("revenue", "KWD")["month"] == (0, 7)
    assert figures("orders")["month"] == (2, 1)
    rows = read(AnalyticsMetrics(), "label", "currency", where={"metric": "revenue", "period": "day"})
    assert rows == [{"label": "Revenue EUR", "currency": "EUR"}, {"label": "Revenue KWD", "currency": "KWD"}]


def test_the_other_figures_count_what_their_names_say(scope, figures):
    ada, bob = a_member(1, joined_at=ago(3)), a_member(2, joined_at=ago(33))
    question = a_post(ada, kind="question", created_at=ago(3), room=a_room())
    a_post(bob, kind="answer", parent=question, created_at=ago(3))
    a_comment(question, bob, created_at=ago(3))
    XpEntry.objects.create(member=ada, amount=30, reason="r", idem_key="1", created_at=ago(3))
    XpEntry.objects.create(member=ada, amount=-20, reason="r", idem_key="2", created_at=ago(3))
    Contribution.objects.create(member=ada, kind="referral", title="t", created_at=ago(3))
    mission, reward = Mission.objects.create(title="m"), Reward.objects.create(title="r")
    done = {"status": "completed", "completed_at": ago(3)}
    UserMission.objects.create(mission=mission, member=ada, started_at=ago(20), **done)
    RewardClaim.objects.create(reward=reward, member=ada, created_at=ago(3))
    RewardClaim.objects.create(reward=reward, member=bob, created_at=ago(3), status="cancelled")
    expected = {"new_members": 1, "questions": 1, "answers": 1, "comments": 1, "xp_awarded": 30, "contributions": 1,
                "referrals": 1, "missions_started": 0, "missions_completed": 1, "rewards_claimed": 1}  # fmt: skip
    assert {name: figures(name)["week"][0] for name in expected} == expected
