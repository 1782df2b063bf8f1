"""The one place where the parts are put together: settings -> what is known, what keeps, how it is reached."""

from bot.assembly.channels import (
    Served,
    channel_of,
    gateway_of,
    handler_of,
    http_of,
    platforms_of,
    room_of,
    slack_of,
    telegram_of,
    unserved_rooms,
    words_of,
)  # fmt: skip
from bot.assembly.knowledge import MODELS_KEPT, Bot, assemble, faq_of, shipped_faq, trained
from bot.assembly.storage import forget, opened_store, store_or_none_kept

__all__ = [
    "MODELS_KEPT", "Bot", "Served", "assemble", "channel_of", "faq_of", "forget", "gateway_of", "handler_of", "http_of", "opened_store",
    "platforms_of", "room_of", "shipped_faq", "slack_of", "store_or_none_kept", "telegram_of", "trained", "unserved_rooms",
    "words_of",
]  # fmt: skip
