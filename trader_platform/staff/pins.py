"""PINs of badge holders: argon2id over a pepper, three wrong ones lock for a day.

The pepper is LOOKUP_KEY: a stolen table of hashes alone cannot be searched through ten thousand
PINs. 8 MiB a check is what a small server can spend while other hops go on (the library's default
of 64 MiB takes ten times as long).
"""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from trader_platform.audit.service import record
from trader_platform.core.clock import epoch_ms
from trader_platform.core.crypto import Vault
from trader_platform.core.once import By, Result, once
from trader_platform.staff.models import Staff
from trader_platform.staff.types import PinLocked, StaffGone, WrongPin

DIGITS: Final = 4
TRIES: Final = 3
LOCK: Final = timedelta(hours=24)
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=8 * 1024, parallelism=1)


def draw_pin() -> str:
    """Four drawn digits that are not 1234, 2222 or the like."""
    while True:
        pin = f"{secrets.randbelow(10_000):04d}"
        if is_fit(pin):
            return pin


def is_fit(pin: str) -> bool:
    """Whether a PIN is four digits that are neither all the same nor a run."""
    if len(pin) != DIGITS or not pin.isascii() or not pin.isdigit():
        return False
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    return steps not in ({0}, {1}, {-1})


def set_pin(session: Session, staff_id: int, pin: str, *, vault: Vault, by: By) -> None:
    """Set a PIN and open a locked one. Raises StaffGone, ValueError for an unfit PIN."""
    if not is_fit(pin):
        raise ValueError("a PIN is four numbers, not the same and not in a row")
    person = session.get(Staff, staff_id)
    if person is None:
        raise StaffGone(staff=staff_id)
    person.pin_hash = _HASHER.hash(_peppered(person, pin, vault))
    person.pin_failures, person.pin_locked_until = 0, None
    session.flush()
    record(session, "staff.pin", by=by, subject=("staff", staff_id), council_id=person.council_id)


def check_pin(session: Session, staff_id: int, pin: str, *, vault: Vault, now: datetime) -> None:
    """Return where the PIN is right. Raises WrongPin with the tries left, or PinLocked.

    The failure is counted in the caller's transaction, which must be committed although this
    raises: the caller catches it inside.
    """
    person = session.get(Staff, staff_id, with_for_update=True)
    if person is None:
        raise StaffGone(staff=staff_id)
    locked = person.pin_locked_until or 0
    if locked > epoch_ms(now):
        hours = -(-(locked - epoch_ms(now)) // 3_600_000)
        raise PinLocked(hours=hours)
    if person.pin_hash is None:
        raise PinLocked(hours=0)
    try:
        _HASHER.verify(person.pin_hash, _peppered(person, pin, vault))
    except VerificationError:
        _count_wrong(session, person, now)
    person.pin_failures, person.pin_locked_until = 0, None
    session.flush()


def try_pin(session: Session, staff_id: int, pin: str, *, vault: Vault, by: By) -> Result:
    """Check a PIN as one act: ``proved``, or the tries ``left``, or the hours ``locked``.

    Safe to repeat: the same request counts one failure. Raises StaffGone. Neither the PIN nor
    anything made from it is kept.
    """

    def do() -> Result:
        try:
            check_pin(session, staff_id, pin, vault=vault, now=by.now)
        except WrongPin as wrong:
            return {"left": wrong.params["left"]}
        except PinLocked as locked:
            return {"locked": locked.params["hours"]}
        return {"proved": True}

    return once(session, by, kind="staff.pin.try", content={"staff": staff_id}, do=do)


def _count_wrong(session: Session, person: Staff, now: datetime) -> None:
    person.pin_failures += 1
    if person.pin_failures >= TRIES:
        person.pin_failures, person.pin_locked_until = 0, epoch_ms(now + LOCK)
        session.flush()
        raise PinLocked(hours=int(LOCK.total_seconds() // 3600))
    session.flush()
    raise WrongPin(left=TRIES - person.pin_failures)


def _peppered(person: Staff, pin: str, vault: Vault) -> str:
    """Bound to the person, so that two equal PINs look different before they are hashed too."""
    return vault.lookup(f"pin:{person.id}:{pin}")
