"""Keys that an embedded installation makes for itself, kept in DATA_DIR/keys.json (mode 600).

Every command given the same DATA_DIR must read the same keys, also when two start at once.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILE_NAME: Final = "keys.json"


class KeyFileError(Exception):
    """The key file is there and cannot be used; a new one would make sealed rows unreadable."""


def _data_key(number: int = 1) -> str:
    return f"k{number}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


GENERATORS: Final[Mapping[str, Callable[[], str]]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "DATA_KEYS": _data_key,
    "LOOKUP_KEY": lambda: secrets.token_urlsafe(32),
    "SIGNING_KEYS": _data_key,
    "GATEWAY_TOKEN": lambda: secrets.token_urlsafe(24),
}


def load_or_make(data_dir: Path, names: list[str]) -> dict[str, str]:
    """The kept values of ``names``; those not there yet are made and kept. Safe to repeat.

    Raises KeyFileError where the file is damaged, OSError where the directory cannot be written.
    """
    path = data_dir / FILE_NAME
    kept = _read(path)
    if all(name in kept for name in names):
        return kept
    with _locked(data_dir):
        kept = _read(path)
        kept.update({name: GENERATORS[name]() for name in names if name not in kept})
        write(path, kept)
    return kept


def renew(data_dir: Path, *, lookup: bool) -> None:
    """Put a new data key first (the old ones stay, to read what is not sealed anew yet).

    ``lookup`` replaces LOOKUP_KEY too. The rows must be renewed afterwards; until they are, a
    phone hashed under the old LOOKUP_KEY is not found.
    """
    path = data_dir / FILE_NAME
    with _locked(data_dir):
        kept = _read(path)
        old = kept.get("DATA_KEYS", "")
        kept["DATA_KEYS"] = f"{_data_key(1 + len(old.split(',')))},{old}".rstrip(",")
        if lookup:
            kept["LOOKUP_KEY"] = GENERATORS["LOOKUP_KEY"]()
        write(path, kept)


def write(path: Path, keys: Mapping[str, str]) -> None:
    """Replace the file in one step, readable by its owner only and on disk before it counts."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(dict(keys), handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise KeyFileError(f"{path} is damaged: restore it from a backup") from error
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise KeyFileError(f"{path} is damaged: restore it from a backup")
    return kept


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    with (data_dir / "keys.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
