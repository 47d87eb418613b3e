"""Encrypted columns and keyed look-ups.

``Vault.seal`` is AES-256-GCM with the key's id in front, so that old rows stay readable while
``DATA_KEYS`` is rotated. ``Vault.lookup`` is a keyed BLAKE2b: equal phones give equal hashes, and
without ``LOOKUP_KEY`` a stolen table of hashes cannot be searched number by number.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Unreadable(Exception):
    """Sealed under a key that this process does not hold, or damaged."""


class Vault:
    """Seals with the newest key, opens with any; ``keys`` maps id to 32 bytes, newest first."""

    def __init__(self, keys: Mapping[str, bytes], lookup_key: bytes) -> None:
        self._keys = {name.encode(): AESGCM(secret) for name, secret in keys.items()}
        self.newest = next(iter(self._keys))
        self._lookup_key = lookup_key[:64]

    def seal(self, plain: bytes, *, bound_to: bytes = b"") -> bytes:
        """Encrypt; ``bound_to`` (a row's key) makes a value useless in any other row."""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self.newest].encrypt(nonce, plain, bound_to)
        return b"%c%s%s%s" % (len(self.newest), self.newest, nonce, sealed)

    def open(self, sealed: bytes, *, bound_to: bytes = b"") -> bytes:
        """Decrypt; raises Unreadable where key, row or bytes are wrong."""
        name, rest = sealed[1 : 1 + sealed[0]], sealed[1 + sealed[0] :]
        key = self._keys.get(name)
        if key is None:
            raise Unreadable("no key with this id in DATA_KEYS")
        try:
            return key.decrypt(rest[:_NONCE], rest[_NONCE:], bound_to)
        except InvalidTag as error:
            raise Unreadable("damaged, or sealed for another row") from error

    def is_newest(self, sealed: bytes) -> bool:
        """Whether rotation has nothing to do for this value."""
        return sealed[1 : 1 + sealed[0]] == self.newest

    def lookup(self, phone_key: str) -> str:
        """Keyed hash of a subscriber key, 32 hex digits."""
        return hashlib.blake2b(phone_key.encode(), digest_size=16, key=self._lookup_key).hexdigest()
