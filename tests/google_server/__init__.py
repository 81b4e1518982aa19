"""A Google of our own: consent, tokens, Gmail and Calendar in their wire format, on real sockets."""
