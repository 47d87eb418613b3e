"""Each way to spoil a pack is told with its file, its line, its column and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trader_platform.packs.reader import read_pack
from trader_platform.packs.types import PackError

SPOILS = Path(__file__).parents[2] / "fixtures" / "packs" / "spoils.txt"
_ESCAPES = {r"\t": "\t", r"\n": "\n", r"\r": "\r"}


def _spoils() -> list[list[str]]:
    lines = SPOILS.read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")]


def _plain(cell: str) -> str:
    for written, sign in _ESCAPES.items():
        cell = cell.replace(written, sign)
    return re.sub(r"\\u([0-9a-f]{4})", lambda hit: chr(int(hit[1], 16)), cell[1:-1])


@pytest.mark.parametrize("spoil", _spoils(), ids=lambda spoil: spoil[0])
def test_a_mistake_is_told_where_it_is(tinyland: Path, spoil: list[str]) -> None:
    _, file, old, new, where, says = spoil
    path = tinyland / file
    text = path.read_text(encoding="utf-8")
    assert _plain(old) in text
    path.write_bytes(text.replace(_plain(old), _plain(new), 1).encode())
    with pytest.raises(PackError) as refused:
        read_pack(tinyland)
    told = [str(problem) for problem in refused.value.problems]
    assert [line for line in told if line.startswith(f"{where}: ") and says in line], told


def test_all_mistakes_of_all_files_are_told_at_once(tinyland: Path) -> None:
    for file, old, new in [
        ("pack.toml", "Asia/Kathmandu", "Nowhere"),
        ("councils.tsv", "\tHill\t", "\tHiŋ\t"),
        ("products.tsv", "beet\troots", "beet\troot"),
        ("products.tsv", "\tlakto", "\tlaktolaktolakto"),
        ("tariffs.tsv", "\t7\t", "\tseven\t"),
    ]:
        path = tinyland / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        read_pack(tinyland)
    assert [(p.file, p.line, p.column) for p in refused.value.problems] == [
        ("councils.tsv", 2, "short_name"),
        ("pack.toml", 10, "timezone"),
        ("products.tsv", 2, "goods_class"),
        ("products.tsv", 4, "short_name_vo"),
        ("tariffs.tsv", 2, "amount"),
    ]


def test_a_refused_row_is_not_told_again_by_those_that_name_it(tinyland: Path) -> None:
    path = tinyland / "products.tsv"
    path.write_text(path.read_text().replace("\tbeet\t", "\tbeet root of hills\t"))
    with pytest.raises(PackError) as refused:
        read_pack(tinyland)
    assert [str(p).split(": ")[0] for p in refused.value.problems] == ["products.tsv:2"]


def test_bytes_that_are_no_utf8_are_told_with_their_line(tinyland: Path) -> None:
    path = tinyland / "aliases.tsv"
    path.write_bytes(path.read_bytes().replace(b"beet\tvo\tbeto", b"beet\tvo\tbet\xf4"))
    with pytest.raises(PackError, match=r"aliases\.tsv:3: -: is not UTF-8"):
        read_pack(tinyland)


@pytest.mark.parametrize("file", ["pack.toml", "councils.tsv", "calendar.tsv"])
def test_a_missing_file_is_told(tinyland: Path, file: str) -> None:
    (tinyland / file).unlink()
    with pytest.raises(PackError) as refused:
        read_pack(tinyland)
    assert f"{file}:1: -: is missing: make it, if only with its header" in str(refused.value)
    assert len(refused.value.problems) == 1


def test_an_empty_file_asks_for_its_header(tinyland: Path) -> None:
    (tinyland / "seasons.tsv").write_text("")
    with pytest.raises(PackError, match=r"seasons\.tsv:1: product: this column is missing"):
        read_pack(tinyland)
