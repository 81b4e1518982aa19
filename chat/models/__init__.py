"""What the chat keeps: conversations, what was said, and the changes that wait for a person."""

from chat.models.conversation import Conversation
from chat.models.message import Author, Message, MessageState
from chat.models.pending_call import CallState, PendingCall

__all__ = ["Author", "CallState", "Conversation", "Message", "MessageState", "PendingCall"]
