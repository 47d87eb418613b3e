"""Reads a pack from its folder: bytes to rows to values. Pure: no database, no framework.

Every problem of every file is collected before anything is refused, so that one run of the
loader shows all that has to be mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from marshmallow import ValidationError

from trader_platform.packs import checks
from trader_platform.packs.schemas import SCHEMAS, Context, Row, schema_for
from trader_platform.packs.settings import FILE, context_of, read_settings
from trader_platform.packs.types import Pack, PackError, Problem

_BOM: Final = b"\xef\xbb\xbf"
_EVIDENCE: Final = ["certainty", "source"]


def read_pack(path: Path) -> Pack:
    """The pack in the folder ``path``; raises PackError with every problem in it."""
    problems: list[Problem] = []
    text = _text(path / FILE, problems)
    settings = None if text is None else read_settings(text, problems)
    context = None if text is None else context_of(text)
    if context is None:  # without the languages no column of the other files can be judged
        raise PackError(problems)
    tables = {name: _table(path, name, context, problems) for name in SCHEMAS}
    checks.check(tables, context, problems)
    if problems or settings is None:
        raise PackError(problems)
    rows: Mapping[str, Any] = {name: tuple(table.rows.values()) for name, table in tables.items()}
    return Pack(settings=settings, **rows)


def _text(path: Path, problems: list[Problem]) -> str | None:
    """The file's text with plain line ends, or None where it cannot be read at all."""
    if not path.is_file():
        problems.append(Problem(path.name, 1, "-", "is missing: make it, if only with its header"))
        return None
    data = path.read_bytes()
    if data.startswith(_BOM):
        problems.append(Problem(path.name, 1, "-", "begins with a byte order mark: save without"))
        data = data.removeprefix(_BOM)
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        problems.append(Problem(path.name, line, "-", "ends in CR LF: save with LF line ends"))
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return data.decode()
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        problems.append(Problem(path.name, line, "-", "is not UTF-8: save it as UTF-8"))
        return None


@dataclass
class _Reading:
    """One TSV file while it is read."""

    file: str
    schema: Row
    problems: list[Problem]
    columns: list[str] = field(default_factory=list)
    table: checks.Table = field(default_factory=checks.Table)

    def refuse(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(self.file, line, column, message))

    def header(self, line: str) -> bool:
        """Whether the rows under this header can be read."""
        self.columns = line.split("\t")
        known = self.schema.fields
        wrong = [name for name in known if known[name].required and name not in self.columns]
        for name in wrong:
            self.refuse(1, name, "this column is missing: add it to the header")
        for name in self.columns:
            if name not in known:
                wrong.append(name)
                self.refuse(1, name or "-", "no such column: take it out, or mend its spelling")
        if len(set(self.columns)) < len(self.columns):
            wrong.append("")
            self.refuse(1, "-", "a column stands twice: take one out")
        if not wrong and self.columns[-2:] != _EVIDENCE:
            self.refuse(1, "-", "the last two columns are certainty and source: move them there")
        return not wrong

    def row(self, number: int, line: str) -> None:
        cells = line.split("\t")
        if len(cells) != len(self.columns):
            self.refuse(
                number, "-",
                f"has {len(cells)} columns, the header has {len(self.columns)}: "
                "part the cells by one tab each",
            )  # fmt: skip
            return
        named = dict(zip(self.columns, cells, strict=True))
        if "slug" in named:
            self.table.slugs.add(named["slug"])
        if self.untidy(number, named):
            return
        try:
            self.table.rows[number] = self.schema.load(named)
        except ValidationError as refused:
            for column, messages in refused.messages_dict.items():
                self.refuse(number, column, "; ".join(messages))

    def untidy(self, number: int, named: Mapping[str, str]) -> bool:
        found = False
        for column, text in named.items():
            if text != text.strip():
                found = True
                self.refuse(number, column, f"{text!r} has a space at its edge: take it out")
            elif len(text) > 1 and text[0] == text[-1] == '"':
                found = True
                self.refuse(number, column, "is in quotes: the file has no quoting, take them out")
        return found


def _table(path: Path, name: str, context: Context, problems: list[Problem]) -> checks.Table:
    reading = _Reading(f"{name}.tsv", schema_for(name, context), problems)
    text = _text(path / reading.file, problems)
    if text is None:
        return checks.Table(readable=False)
    first, *lines = text.removesuffix("\n").split("\n")
    if not reading.header(first):
        return checks.Table(readable=False)
    for number, line in enumerate(lines, start=2):
        if line:
            reading.row(number, line)
        else:
            reading.refuse(number, "-", "is an empty line: take it out")
    return reading.table
