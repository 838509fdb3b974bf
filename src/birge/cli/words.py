"""Texts and languages as the commands take them: one text in a language, and the same in others."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Also", "Authentic", "Language", "authentic", "known_language", "words_of"]

Language = Annotated[str, typer.Option("--lang", help="Language of titles: en, ru, kk or ky.")]
Also = Annotated[
    list[str] | None,
    typer.Option("--also", metavar="LANG=TEXT", help="The same in another language; may be repeated."),
]
Authentic = Annotated[
    str, typer.Option("--languages", metavar="LANG,LANG", help="Authentic languages in their order, such as kk,ky,ru.")
]


def known_language(lang: str) -> str:
    """Return a language that there is; raises InputError for another."""
    from birge.errors import InputError
    from birge.store.kinds import LANGUAGES

    if lang not in LANGUAGES:
        raise InputError.at("--lang", "language", f"{lang!r} is no language here", f"use {', '.join(LANGUAGES)}")
    return lang


def words_of(lang: str, text: str, also: list[str] | None) -> dict[str, str]:
    """Return a text by language: `text` in `lang`, and what `--also LANG=TEXT` adds."""
    from birge.errors import InputError

    words = {known_language(lang): text}
    for each in also or ():
        name, _, more = each.partition("=")
        if not more:
            raise InputError.at("--also", "text", f"{each!r} is no LANG=TEXT", "write for example --also kk='…'")
        words[known_language(name)] = more
    return words


def authentic(languages: str) -> tuple[str, ...]:
    """Return the languages in a list with commas."""
    return tuple(known_language(lang.strip()) for lang in languages.split(",")) if languages else ()
