"""What people ask for in the chat, and whether what comes of it is right."""
