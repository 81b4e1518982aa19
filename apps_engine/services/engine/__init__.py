"""The runtime's ports, bound to PostgreSQL."""
