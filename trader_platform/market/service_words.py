"""Words that nobody knows yet: counted by day without the phone, and made known. Never commits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.orm import Session

from trader_platform.audit import service as audit
from trader_platform.core.errors import DomainError, NotFound
from trader_platform.core.once import By
from trader_platform.market.catalog import Catalog
from trader_platform.market.fold import plain
from trader_platform.market.models import ADDED, ProductAlias, UnmatchedWord
from trader_platform.market.search import index_of

KEEP_DAYS: Final = 90
MOST_WORDS: Final = 4  # of one text: more of them are talk, not goods
LONGEST_ALIAS: Final = 40
_WORD: Final = re.compile(r"[a-z]{3,24}")
_COUNT: Final = text(
    "INSERT INTO unmatched_words (pack_id, word, day, times) VALUES (:pack_id, :word, :day, 1)"
    " ON CONFLICT (pack_id, word, day) DO UPDATE SET times = unmatched_words.times + 1"
)


class BadAlias(DomainError):
    """The word cannot name goods; ``why`` says what is wrong with it."""

    code = "bad_alias"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A word, how often it was asked for, and on which day last."""

    word: str
    times: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Alias:
    """What adding an alias did; ``others`` are goods that have the same word: people are asked."""

    product_id: int
    is_new: bool
    others: tuple[int, ...]


def count_unmatched(session: Session, catalog: Catalog, words: Iterable[str], day: date) -> None:
    """Count the ``unknown`` words of one reading, in the transaction of its answer.

    Not safe to repeat by itself: the answer's transaction is done once, and this with it. Everyday
    words, numbers, scraps and the words of long talk are left out; nothing tells who asked.
    """
    everyday = index_of(catalog).talk.everyday.values()
    told = {word for word in words if _WORD.fullmatch(word)}
    told = {word for word in told if not any(word in common for common in everyday)}
    if len(told) > MOST_WORDS:
        return
    for word in sorted(
        told
    ):  # in one order everywhere, so that two answers never wait for each other
        session.execute(_COUNT, {"pack_id": catalog.pack_id, "word": word, "day": day})


def list_unmatched(session: Session, pack_id: int, since: date, limit: int) -> list[Unmatched]:
    """The words asked for most often since a day, most often first."""
    w = UnmatchedWord
    times = func.sum(w.times).label("times")
    rows = session.execute(
        select(w.word, times, func.max(w.day))
        .where(w.pack_id == pack_id, w.day >= since)
        .group_by(w.word)
        .order_by(times.desc(), w.word)
        .limit(limit)
    )
    return [Unmatched(word, int(count), last) for word, count, last in rows]


def add_alias(
    session: Session, catalog: Catalog, word: str, product: str, *, language: str, by: By
) -> Alias:
    """Let a word of a language name goods; every process knows it once its catalog is read anew.

    Safe to repeat: a word that is known for these goods already writes nothing. Loading the pack
    again leaves it alone. Raises BadAlias, and NotFound for goods that the pack does not have.
    """
    folded = _checked(catalog, word, language)
    product_id = next((x.id for x in catalog.products.values() if x.slug == product), None)
    if product_id is None:
        raise NotFound(product=product)
    joined = folded.replace(" ", "")
    named = index_of(catalog).products.by_plain.get(joined, set())
    known = product_id in named or _is_stored(session, product_id, language, word)
    if not known:
        alias_id = _store(session, product_id, language, word, by)
        audit.record(
            session,
            "word.alias",
            by=by,
            subject=("product", product_id),
            after={"alias": alias_id, "language": language},
        )
    session.execute(
        delete(UnmatchedWord).where(
            UnmatchedWord.pack_id == catalog.pack_id, UnmatchedWord.word == joined
        )
    )
    session.flush()
    return Alias(product_id, not known, tuple(sorted(named - {product_id})))


def forget_unmatched(session: Session, before: date, *, limit: int) -> int:
    """Delete rows of days before a day, at most ``limit``; returns how many. Safe to repeat."""
    w = UnmatchedWord
    old = select(w.pack_id, w.word, w.day).where(w.day < before).limit(limit)
    gone = delete(w).where(tuple_(w.pack_id, w.word, w.day).in_(old))
    return session.connection().execute(gone).rowcount


def _checked(catalog: Catalog, word: str, language: str) -> str:
    """The word as it is compared; raises BadAlias."""
    folded = plain(word)
    if (
        len(word) > LONGEST_ALIAS
        or not word.isprintable()
        or len(folded) < 2
        or not re.search("[a-z]", folded)
    ):
        raise BadAlias(why="word")
    spoken = {each["tag"] for each in catalog.settings.get("languages", ())}
    if language not in spoken.union(catalog.settings.get("search_languages", ())):
        raise BadAlias(why="language")
    if folded.replace(" ", "") in index_of(catalog).talk.grammar:
        raise BadAlias(why="grammar")  # left out of every text: it would never be found
    return folded


def _is_stored(session: Session, product_id: int, language: str, word: str) -> bool:
    found = _alias(session, product_id, language, word)
    return found is not None and found.certainty == ADDED


def _store(session: Session, product_id: int, language: str, word: str, by: By) -> int:
    """A new row, or a doubtful one of the pack that a person now vouches for."""
    row = _alias(session, product_id, language, word)
    if row is None:
        row = ProductAlias(product_id=product_id, language=language, word=word)
        session.add(row)
    row.certainty, row.source = ADDED, f"added {by.now.date()}"
    session.flush()
    return row.id


def _alias(session: Session, product_id: int, language: str, word: str) -> ProductAlias | None:
    return session.execute(
        select(ProductAlias).filter_by(product_id=product_id, language=language, word=word)
    ).scalar_one_or_none()
