"""Bringing a community's and a shop's past in from elsewhere, as often as one likes."""
