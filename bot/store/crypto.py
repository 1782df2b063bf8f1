"""Hashes and encryption: people become hashes that only the secret can make, addresses and payloads are sealed with it."""

from __future__ import annotations

import os
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.dialogue.turn import HashedKey, RawKey

if TYPE_CHECKING:
    from pathlib import Path

FILE = "secret"
"""The file in the data directory that holds the secret where the environment gives none."""
LOST = (
    "The secret does not fit this database, so nothing that is sealed in it can be opened. "
    "Set CAREERBOT_SECRET (or the file secret in the data directory) to what it was, or begin with an empty database."
)
_NONCE = 12
_DIGEST = 16


class SealError(Exception):
    """Something sealed cannot be opened: it was sealed with another secret, or spoiled."""


class Keys:
    """The keys that derive from a secret (HKDF, RFC 5869; AES-256-GCM; keyed BLAKE2b)."""

    def __init__(self, secret: str) -> None:
        self._hashing = _derived(secret, b"careerbot people")
        self._sealing = AESGCM(_derived(secret, b"careerbot seal"))
        self.check = self.hashed(RawKey("careerbot"))
        """What tells whether a store was made with this secret; gives nothing away of it."""

    def hashed(self, key: RawKey) -> HashedKey:
        """32 characters that stand for a key of a platform, always the same; an empty key stays empty."""
        return HashedKey(blake2b(key.encode("utf-8", "replace"), key=self._hashing, digest_size=_DIGEST).hexdigest() if key else "")

    def sealed(self, data: bytes) -> bytes:
        """The data so that only this secret opens it."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._sealing.encrypt(nonce, data, None)

    def opened(self, data: bytes) -> bytes:
        """What was sealed; raises `SealError`."""
        try:
            return self._sealing.decrypt(data[:_NONCE], data[_NONCE:], None)
        except (InvalidTag, ValueError):
            message = "Something kept cannot be opened with this secret."
            raise SealError(message) from None


def made_secret(directory: Path) -> str:
    """The secret in a directory, made there if there is none; two processes that start at once get the same one.

    Raises `OSError` where that cannot be, and `ValueError` for a file that holds no secret.
    """
    kept = directory / FILE
    if not kept.exists():
        new = directory / f"{FILE}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            os.link(new, kept)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            new.unlink(missing_ok=True)
    secret = kept.read_text("ascii").strip()
    if not secret:
        message = "The file is empty."
        raise ValueError(message)
    return secret


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
