"""Members having rewards: claimed for XP, given by the community, taken back.

Whoever changes a claim holds its reward, so that stock and claims agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from decommerce.community.alteration import store
from decommerce.community.insertion import insert_new
from decommerce.community.models import (
    ClaimStatus,
    Member,
    MemberStatus,
    Reward,
    RewardClaim,
    RewardStatus,
    XpEntry,
)
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import person
from decommerce.community.services.rewards import reward_payload
from decommerce.community.services.xp import XpAward, award_xp
from decommerce.tenancy.errors import NotFound, PlatformError

Pair = tuple[int, int]
# Why a member cannot have a reward, in words for people.
REFUSALS: Mapping[str, str] = {
    "reward_ended": "This reward has ended.",
    "out_of_stock": "This reward is gone.",
    "already_claimed": "The member has this reward already.",
    "xp_too_low": "This reward costs more XP than the member has.",
    "member_suspended": "The member is suspended.",
}


class ClaimRefused(PlatformError):
    """A reward cannot be claimed; `code` is one of REFUSALS."""

    status = 409


@dataclass(frozen=True, slots=True)
class Claimed:
    """`outcome`: granted or revoked; or why nothing was done: reward_not_found, member_not_found, a word of REFUSALS,
    not_claimed or already_fulfilled."""

    reward_id: int
    member_id: int
    outcome: str
    claim_id: int | None = None


def claim_reward(reward_id: int, member_id: int) -> RewardClaim:
    """Claim a reward for a member, who pays its XP; raises NotFound or ClaimRefused. Emits reward.claimed."""
    [result] = _claim([(reward_id, member_id)], paid=True)
    if result.outcome in REFUSALS:
        raise ClaimRefused(REFUSALS[result.outcome], code=result.outcome)
    if result.claim_id is None:
        missing = "reward" if result.outcome == "reward_not_found" else "member"
        raise NotFound(f"There is no such {missing}.")
    return RewardClaim.objects.get(pk=result.claim_id)


def grant_rewards(entries: Sequence[Pair]) -> list[Claimed]:
    """Give rewards (reward id, member id) to members, who pay nothing; emits reward.claimed."""
    return _claim(entries, paid=False)


def revoke_rewards(entries: Sequence[Pair]) -> list[Claimed]:
    """Take rewards (reward id, member id) back that were not handed out yet; stock and XP return."""
    ledger = _Ledger.of(entries)
    revoked: list[Pair] = []
    results = []
    for pair in entries:
        claim = ledger.claims.get(pair)
        if claim is None or claim.status == ClaimStatus.CANCELLED:
            results.append(Claimed(*pair, "not_claimed"))
        elif claim.status == ClaimStatus.FULFILLED:
            results.append(Claimed(*pair, "already_fulfilled", claim.pk))
        else:
            ledger.put_back(claim)
            revoked.append(pair)
            results.append(Claimed(*pair, "revoked", claim.pk))
    ledger.save()
    _pay_back(revoked, ledger)
    return results


def _claim(entries: Sequence[Pair], *, paid: bool) -> list[Claimed]:
    ledger = _Ledger.of(entries)
    refusals = []
    granted: list[Pair] = []
    for pair in entries:
        refused = ledger.refusal(pair, paid)
        if not refused:
            ledger.take(pair, paid)
            granted.append(pair)
        refusals.append(refused)
    ledger.save()
    if paid:
        award_xp([_price(pair, ledger) for pair in granted])
    emit_many([_announced(pair, ledger) for pair in granted])
    return [
        Claimed(*pair, refused or "granted", None if refused else ledger.claims[pair].pk)
        for pair, refused in zip(entries, refusals, strict=True)
    ]


@dataclass(slots=True)
class _Ledger:
    """The rewards of a batch, held; its members, and their claims by (reward id, member id)."""

    rewards: Mapping[int, Reward]
    members: Mapping[int, Member]
    claims: dict[Pair, RewardClaim]
    fresh: list[RewardClaim] = field(default_factory=list)
    altered: dict[int, RewardClaim] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Sequence[Pair]) -> _Ledger:
        reward_ids, member_ids = {reward for reward, _ in entries}, {member for _, member in entries}
        rewards = Reward.objects.select_for_update().order_by("pk").in_bulk(reward_ids)
        claims = RewardClaim.objects.filter(reward_id__in=reward_ids, member_id__in=member_ids)
        return cls(
            rewards,
            Member.objects.with_role().in_bulk(member_ids),
            {(claim.reward_id, claim.member_id): claim for claim in claims},
        )

    def refusal(self, pair: Pair, paid: bool) -> str:
        """Why the member cannot have the reward, or nothing."""
        reward, member = self.rewards.get(pair[0]), self.members.get(pair[1])
        if reward is None or member is None:
            return "reward_not_found" if reward is None else "member_not_found"
        claim = self.claims.get(pair)
        refusals = {
            "reward_ended": reward.status != RewardStatus.ACTIVE,
            "already_claimed": claim is not None and (paid or claim.status != ClaimStatus.CANCELLED),
            "out_of_stock": reward.stock == 0,
            "member_suspended": member.status == MemberStatus.SUSPENDED,
            "xp_too_low": paid and member.xp < reward.cost_xp,
        }
        return next((word for word, holds in refusals.items() if holds), "")

    def take(self, pair: Pair, paid: bool) -> None:
        """Note the claim, one fewer in stock and, in this batch, the XP that is spent."""
        reward = self.rewards[pair[0]]
        claim = self.claims.get(pair)
        if claim is None:
            claim = self.claims[pair] = RewardClaim(reward_id=pair[0], member_id=pair[1])
            self.fresh.append(claim)
        else:
            self._alter(claim, ClaimStatus.CLAIMED)
        if reward.stock is not None:
            reward.stock -= 1
        if paid:
            self.members[pair[1]].xp -= reward.cost_xp

    def put_back(self, claim: RewardClaim) -> None:
        """Note the claim as cancelled, and one more in stock."""
        reward = self.rewards[claim.reward_id]
        self._alter(claim, ClaimStatus.CANCELLED)
        if reward.stock is not None:
            reward.stock += 1

    def save(self) -> None:
        """Write claims and stock."""
        insert_new(self.fresh)
        store(list(self.altered.values()), ["status"])
        touched = {claim.reward_id for claim in (*self.fresh, *self.altered.values())}
        store([self.rewards[pk] for pk in touched if self.rewards[pk].stock is not None], ["stock"])

    def _alter(self, claim: RewardClaim, status: ClaimStatus) -> None:
        claim.status = status
        self.altered[claim.pk] = claim


def _price(pair: Pair, ledger: _Ledger) -> XpAward:
    reward = ledger.rewards[pair[0]]
    return XpAward(pair[1], -reward.cost_xp, f"Reward: {reward.title}", _payment(pair))


def _payment(pair: Pair) -> str:
    return f"reward:{pair[0]}:{pair[1]}"


def _pay_back(revoked: Collection[Pair], ledger: _Ledger) -> None:
    """Book the opposite of what was paid, as far as anything was."""
    pairs = {_payment(pair): pair for pair in revoked}
    payments = XpEntry.objects.filter(idem_key__in=list(pairs)) if pairs else []
    award_xp(
        [
            XpAward(
                payment.member_id,
                -payment.amount,
                f"Returned: {ledger.rewards[pairs[payment.idem_key][0]].title}",
                f"{payment.idem_key}:returned",
            )
            for payment in payments
        ]
    )


def _announced(pair: Pair, ledger: _Ledger) -> NewEvent:
    reward, claim = ledger.rewards[pair[0]], ledger.claims[pair]
    fresh = claim.pk not in ledger.altered
    return NewEvent(
        "reward.claimed",
        {
            "reward": reward_payload(reward),
            "claim": {"id": claim.pk, "status": claim.status},
            "member": person(ledger.members[pair[1]]),
        },
        f"reward/{reward.pk}",
        f"reward.claimed:{claim.pk}" if fresh else None,
    )
