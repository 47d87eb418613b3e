"""`trader-platform translations`: take messages out of the code, and report on each language.

Catalogs hold no date and no line numbers: a catalog changes only when a message does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Final

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from sms.texts import TEXTS
from sms.texts_worst import worst_septets
from trader_platform.core import i18n
from trader_platform.core.caps import CAPS
from trader_platform.core.gsm import SCREEN_SEPTETS, is_plain, septets

LANGUAGES: Final = ("fr", "mnk", "wo", "ff")
PACKAGES: Final = frozenset({"ussd", "sms", "trader_platform"})
# What says a message: `ctx.say("…")`, a notice's `self._end("…")`, the frame's `word("…")`, and the
# parts of texts, `fact("…")`.
KEYWORDS: Final = dict.fromkeys(("say", "_end", "word", "fact", "spare", "by_text", "by_dial", "_"))
TEMPLATE: Final = "messages.pot"
MARK: Final = "CON "
_CHURN: Final = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team'
    r'|Report-Msgid-Bugs-To|Project-Id-Version): .*"\n',
    re.MULTILINE,
)
_TEMPLATE_COMMENT: Final = "# Messages of the phone screens, as the code says them (English)."
_NEW_COMMENT: Final = "# {language}: a draft. An empty message is shown in English."


@dataclass(frozen=True, slots=True)
class Report:
    """How far one language is; lengths in septets, placeholders at their caps."""

    language: str
    state: str
    messages: int
    translated: int
    untranslated: int
    coverage: float
    longest: int
    longest_message: str
    too_long: int
    outside_gsm: str


def extract(root: Path = i18n.CATALOGS) -> Catalog:
    """Every message that the code beside the folder ``root`` says, with its file."""
    code = root.parent
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    template = Catalog(charset="utf-8", header_comment=_TEMPLATE_COMMENT, fuzzy=False)
    found = extract_from_dir(
        code,
        methods,
        options,
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).relative_to(code).parts[0] in PACKAGES,
    )
    for file_name, line, message, comments, _context in found:
        template.add(message, None, [(file_name, line)], auto_comments=comments)
    return template


def read(path: Path) -> Catalog:
    """One catalog file."""
    with path.open("rb") as file:
        return read_po(file)


def renew(root: Path = i18n.CATALOGS) -> None:
    """Write the template and bring each language's catalog to it; safe to repeat.

    A message whose English changed loses its translation: guessing which old one still fits is
    for a person, who finds it in the history.
    """
    template = extract(root)
    _write(root / TEMPLATE, template)
    for language in LANGUAGES:
        path = root / language / "LC_MESSAGES" / "messages.po"
        if path.is_file():
            catalog = read(path)
        else:
            comment = _NEW_COMMENT.format(language=language)
            catalog = Catalog(locale=language, charset="utf-8", header_comment=comment, fuzzy=False)
        catalog.update(template, no_fuzzy_matching=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, catalog)


def _write(path: Path, catalog: Catalog) -> None:
    written = BytesIO()
    write_po(written, catalog, width=100, ignore_obsolete=True, include_lineno=False)
    text = _CHURN.sub("", written.getvalue().decode("utf-8"))
    path.write_text(text, encoding="utf-8")


def filled(message: str, caps: Mapping[str, int] = CAPS) -> str:
    """``message`` with the longest value in each placeholder."""
    names = {name for _, name, _, _ in Formatter().parse(message) if name}
    return message.format(**{name: "W" * caps[name] for name in names})


def words_of(message: str) -> str:
    """``message`` without its placeholders."""
    return "".join(text for text, _, _, _ in Formatter().parse(message))


def report_on(language: str, catalog: Catalog, signed_off: Iterable[str]) -> Report:
    """Measure one language; English (the template) says its own messages."""
    source = language == i18n.SOURCE
    entries = [entry for entry in catalog if entry.id]
    said = [str(entry.id if source else entry.string) for entry in entries if not entry.fuzzy]
    texts = [text for text in said if text]
    sizes = {text: len(MARK + filled(i18n.downgrade_template(text))) for text in texts}
    longest = max(texts, key=lambda text: sizes[text], default="")
    odd = {letter for text in texts for letter in words_of(text) if septets(letter) is None}
    odd |= {letter for text in texts for letter in words_of(text) if not is_plain(letter)}
    state = "signed off" if language in signed_off else "draft"
    return Report(
        language=language,
        state="source" if source else state,
        messages=len(entries),
        translated=len(texts),
        untranslated=len(entries) - len(texts),
        coverage=round(100 * len(texts) / max(1, len(entries)), 1),
        longest=sizes.get(longest, 0),
        longest_message=longest,
        too_long=sum(size > SCREEN_SEPTETS for size in sizes.values()),
        outside_gsm="".join(sorted(odd)),
    )


def reports(root: Path = i18n.CATALOGS) -> list[Report]:
    """English, then each language in its order."""
    signed_off = i18n.reviewed(root)
    found = [report_on(i18n.SOURCE, read(root / TEMPLATE), signed_off)]
    for language in LANGUAGES:
        catalog = read(root / language / "LC_MESSAGES" / "messages.po")
        found.append(report_on(language, catalog, signed_off))
    return found


@click.group()
def translations() -> None:
    """Messages in other languages: renew the catalogs, report on them."""


@translations.command("update")
def update() -> None:
    """Take the messages out of the code and bring every catalog to them."""
    renew()
    click.echo(f"Renewed {TEMPLATE} and {', '.join(LANGUAGES)}.")


@translations.command("report")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def report(as_json: bool) -> None:
    """Coverage, drafts and lengths of each language."""
    found = reports()
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    _show(found)


def _show(found: list[Report]) -> None:
    click.echo(
        f"{'':8} {'state':10} {'messages':>8} {'translated':>10} {'coverage':>8} {'empty':>5}"
        f" {'longest':>7} {'too long':>8} not GSM-7"
    )
    for each in found:
        click.echo(
            f"{each.language:8} {each.state:10} {each.messages:8} {each.translated:10}"
            f" {each.coverage:6.1f} % {each.untranslated:5} {each.longest:7} {each.too_long:8}"
            f" {each.outside_gsm or '-'}"
        )
    click.echo("Lengths: septets of a screen with this message alone, placeholders at their caps.")
    for each in found:
        click.echo(f"{each.language}, longest message: {each.longest_message or '-'}")
    click.echo(f"Texts: {len(TEXTS)} kinds; `trader-platform translations texts` measures each.")
    drafts = [each.language for each in found if each.state == "draft"]
    click.echo(f"Drafts: {len(drafts)} ({', '.join(drafts) or 'none'})")


@translations.command("texts")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def texts(as_json: bool) -> None:
    """The most septets of each text in each language, with the longest of everything."""
    kinds = {kind: worst_septets(kind, (i18n.SOURCE, *LANGUAGES)) for kind in sorted(TEXTS)}
    if as_json:
        click.echo(json.dumps(kinds, indent=2))
        return
    click.echo(f"{'':20}" + "".join(f"{tag:>6}" for tag in (i18n.SOURCE, *LANGUAGES)))
    for kind, sizes in kinds.items():
        shown = (f"{size}{'*' if size > SCREEN_SEPTETS else ' '}" for size in sizes.values())
        click.echo(f"{kind:20}" + "".join(f"{size:>6}" for size in shown))
    click.echo(
        f"Septets with every name, number and amount as long as it may be. * is more than"
        f" {SCREEN_SEPTETS}: then spare words give way, then letters of names; never a number."
    )
