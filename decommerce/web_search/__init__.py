"""Searching the web: one engine, chosen by the operator, behind one interface."""
