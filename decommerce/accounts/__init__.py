"""Accounts at other services that people connected: consent, tokens encrypted at rest, and reading with them."""
