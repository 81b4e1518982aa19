"""What a page says after something was done. An address carries only the key, so nothing can be put into a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One line; `tone` is good, warn or bad."""

    text: str
    tone: str = "good"


NOTICES: Mapping[str, Notice] = {
    "created": Notice("The app is created and active."),
    "paused": Notice("The app is paused. No new step starts until you resume it."),
    "upgraded": Notice("The app is up to date."),
    "offered": Notice("AI agents of the community can call the app now."),
    "withdrawn": Notice("AI agents cannot call the app any more."),
    "deleted": Notice("The app is deleted. Its runs stay readable below until their retention ends."),
    "conversation-deleted": Notice("The conversation is deleted."),
    "run-started": Notice("The run is queued. This page follows it."),
    "run-retried": Notice("The run is queued again, to go on where it failed. What was done is not done again."),
    "settled": Notice("Noted. A retry of the run goes by what you said."),
    "role-changed": Notice("The role is changed. It holds from their next page on."),
    "invited": Notice("The invitation is on its way."),
    "invitation-revoked": Notice("The invitation is taken back. Its link works no more."),
    "joined": Notice("Welcome to the team."),
    "mail-settled": Notice("Noted. An e-mail that is to be sent again is on its way."),
    "mail-withheld": Notice("It is not sent again: by now it is not wanted. Below it says why.", "warn"),
    "address-revived": Notice("E-mails are sent to that address again."),
    "key-revoked": Notice("The key is revoked. Whatever used it stops working now."),
    "domain-allowed": Notice("Apps may call it from now on."),
    "domain-removed": Notice("No app may call it any more."),
    "preferences": Notice("Your choice is kept."),
    "shadow-begun": Notice("The draft is beside the live version now. Come back when something has happened."),
    "shadow-ended": Notice("The comparison has ended. What was counted stays here."),
    "saved": Notice("The new version is saved. Runs that begin from now on use it."),
    "rolled-back": Notice("The earlier definition is the newest version again."),
    "run-cancelled": Notice("The run is cancelled."),
    "posted": Notice("Your post is published. If an app has something to say about it, it shows here."),
    "read": Notice("Everything is marked as read."),
    "account-connected": Notice("The account is connected. Your apps read with it from now on."),
    "account-disconnected": Notice("The account is disconnected, and its permission given back to Google."),
    "signed-out": Notice("You are signed out."),
    "switched": Notice("You are now working in another community."),
}


def notice_of(key: str) -> Notice | None:
    """The notice of that key, if there is one."""
    return NOTICES.get(key)
