"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path, register_converter

from chat.row_number import RowNumber
from chat.views import (
    accounts,
    app,
    apps,
    conversations,
    notifications,
    posts,
    preferences,
    push,
    run_by_hand,
    runs,
    sign_in,
    starters,
    streaming,
    unsubscribe,
    usage,
)

register_converter(RowNumber, "row")

chat_urls = [
    path("", sign_in.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("tenant/", sign_in.switch_tenant, name="switch-tenant"),
    path("chat/", conversations.conversations, name="conversations"),
    path("chat/new/", streaming.begin, name="begin"),
    path("chat/<row:conversation_id>/", conversations.conversation, name="conversation"),
    path("chat/<row:conversation_id>/messages/", streaming.send, name="send"),
    path("chat/<row:conversation_id>/stream/", streaming.stream, name="stream"),
    path("chat/<row:conversation_id>/stop/", conversations.stop, name="stop"),
    path("chat/<row:conversation_id>/delete/", conversations.delete, name="delete-conversation"),
    path("chat/calls/<row:call_id>/<slug:verdict>/", streaming.decide, name="decide"),
    path("apps/", apps.apps, name="apps"),
    path("apps/<row:app_id>/", app.app, name="app"),
    path("apps/<row:app_id>/run/", run_by_hand.run_by_hand, name="run-by-hand"),
    path("apps/<row:app_id>/<slug:deed>/", app.app_deed, name="app-deed"),
    path("starters/", starters.starters, name="starters"),
    path("starters/<slug:slug>/", starters.starter, name="starter"),
    path("starters/<slug:slug>/preview/", starters.starter_preview, name="starter-preview"),
    path("runs/<row:run_id>/", runs.run, name="run"),
    path("runs/<row:run_id>/now/", runs.run_now, name="run-now"),
    path("runs/<row:run_id>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<row:run_id>/retry/", runs.run_retry, name="run-retry"),
    path("runs/<row:run_id>/again/", runs.run_once_more, name="run-again"),
    path("runs/<row:run_id>/effects/<row:effect_id>/<slug:outcome>/", runs.run_settle, name="run-settle"),
    path("usage/", usage.usage, name="usage"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/connect/", accounts.connect, name="connect-account"),
    path("accounts/callback/", accounts.callback, name="account-callback"),
    path("accounts/<row:account_id>/disconnect/", accounts.disconnect, name="disconnect-account"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/preferences/", preferences.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("notifications/push/", push.push_on, name="push-on"),
    path("notifications/push/off/", push.push_off, name="push-off"),
    path("notifications/read/", notifications.mark_read, name="mark-read"),
    path("community/write/", posts.write_post, name="write-post"),
    path("community/posts/<row:post_id>/", posts.post, name="post"),
    path("community/posts/<row:post_id>/now/", posts.post_now, name="post-now"),
]
