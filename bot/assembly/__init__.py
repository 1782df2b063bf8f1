"""The one place where the parts are put together: settings -> what is known, what keeps, what speaks."""

from bot.assembly.keeping import forget, opened_store, store_or_none_kept
from bot.assembly.knowing import MODELS_KEPT, Bot, assemble, faq_of, shipped_faq, trained
from bot.assembly.speaking import Served, channels_of, clerk_of, delivery_of, room_of, slack_of, telegram_of, words_of

__all__ = [
    "MODELS_KEPT", "Bot", "Served", "assemble", "channels_of", "clerk_of", "delivery_of", "faq_of", "forget", "opened_store", "room_of",
    "shipped_faq", "slack_of", "store_or_none_kept", "telegram_of", "trained", "words_of",
]  # fmt: skip
