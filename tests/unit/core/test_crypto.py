"""Sealed values open only in their own row, and survive a rotation of keys."""

from __future__ import annotations

import pytest

from trader_platform.core.crypto import Unreadable, Vault

OLD, NEW = bytes(32), bytes(range(32))


def test_sealed_and_opened() -> None:
    vault = Vault({"a": OLD}, b"k")
    sealed = vault.seal(b"+2203012345", bound_to=b"row 1")
    assert b"3012345" not in sealed
    assert vault.open(sealed, bound_to=b"row 1") == b"+2203012345"


def test_a_value_moved_to_another_row_is_refused() -> None:
    vault = Vault({"a": OLD}, b"k")
    with pytest.raises(Unreadable):
        vault.open(vault.seal(b"x", bound_to=b"row 1"), bound_to=b"row 2")


def test_rotation_seals_with_the_newest_and_opens_with_all() -> None:
    sealed = Vault({"a": OLD}, b"k").seal(b"x")
    both = Vault({"b": NEW, "a": OLD}, b"k")
    assert both.open(sealed) == b"x"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal(b"x"))
    with pytest.raises(Unreadable):
        Vault({"b": NEW}, b"k").open(sealed)


def test_lookups_differ_by_key() -> None:
    assert Vault({"a": OLD}, b"k").lookup("+2203012345") == Vault({"b": NEW}, b"k").lookup(
        "+2203012345"
    )
    assert Vault({"a": OLD}, b"k").lookup("+2203012345") != Vault({"a": OLD}, b"j").lookup(
        "+2203012345"
    )
