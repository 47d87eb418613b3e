"""Signatures that anyone can check: Ed25519, each with the id of its key.

``SIGNING_KEYS`` maps id to a 32-byte seed, newest first. Old keys sign nothing any more, but what
they signed is checked with their public halves, which are kept for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Signature:
    """``key_id`` names the key that made ``value`` (64 bytes)."""

    key_id: str
    value: bytes


class Signer:
    """Signs with the newest key; one for a process."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(x) for name, x in keys.items()}
        self.newest = next(iter(self._keys))

    def sign(self, content: bytes) -> Signature:
        """The newest key's signature of ``content``."""
        return Signature(self.newest, self._keys[self.newest].sign(content))

    def public_keys(self) -> dict[str, bytes]:
        """Public halves by key id, 32 bytes each, to be published and kept."""
        return {name: key.public_key().public_bytes_raw() for name, key in self._keys.items()}


def is_signed(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether ``signature`` of ``content`` was made by the owner of ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True
