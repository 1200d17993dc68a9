"""The project's own corpus, ``tests/cases/corpus``: made of ``articles.json`` by ``python -m tests.support.corpus``.

`tests/unit/reading/test_corpus.py` checks that its files are those that this module writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from tests.support import paths

CORPUS = paths.CASES / "corpus"
ARTICLES: dict[str, dict[str, Any]] = {
    article["name"]: article for article in json.loads((CORPUS / "articles.json").read_text("utf-8"))
}

PRINTED_TWICE = "zh-hant-tushuguan"
"""The text that has its body a second time, as some pages print it."""

LEGACY = {
    "gb2312": "zh-hans-ditie",
    "big5": "zh-hant-tushuguan",
    "shift_jis": "ja-onsen",
    "euc-jp": "ja-onsen",
    "euc-kr": "ko-sijang",
    "windows-1251": "ru-shkola",
    "koi8-u": "uk-pekarnia",
    "windows-1256": "ar-maktaba",
    "windows-1252": "de-freibad",
    "iso-8859-15": "fr-moulin",
    "windows-1250": "pl-tramwaj",
    "windows-1254": "tr-hastane",
}
"""Charset, as the page declares it, and the article in it."""


def furniture(number: int) -> list[str]:
    """Lines of a page that are not its article."""
    return [f"Menu {number}: home, sport, weather", f"Copyright {2000 + number} Example Press", f"Share this, {number}"]


def plain_article(article: dict[str, Any], around: list[str]) -> str:
    """Navigation, an article, a footer."""
    return (
        f"<nav><a href=/>{around[0]}</a></nav><article><h1>{escape(article['title'])}</h1>"
        + paragraphs(article)
        + f"</article><footer>{around[1]}</footer><form>{around[2]}</form>"
    )


def headline_in_header(article: dict[str, Any], around: list[str]) -> str:
    """The headline stands in the header of the page, and each paragraph has a subheading before it."""
    body = "".join(f"<h2>Part {n}</h2><p>{escape(text)}</p>" for n, text in enumerate(article["paragraphs"], start=1))
    return (
        f"<header><h1>{escape(article['title'])}</h1></header><aside>{around[0]}</aside><main><article>{body}</article>"
        f"</main><div class='share'>{around[2]}</div><footer>{around[1]}</footer>"
    )


def inline_markup(article: dict[str, Any], around: list[str]) -> str:
    """Words of the paragraphs are bold, linked, or set as a date; spaces of the source are broken into lines."""
    texts = [" <b>{}</b>{}".format(*cut(text, 12)) for text in article["paragraphs"]]
    texts[1:3] = [
        f"<time>{escape(article['paragraphs'][1])}</time>",
        f"\n  <a href=/p>{escape(article['paragraphs'][2][:4])}</a>{escape(article['paragraphs'][2][4:])}\n",
    ]
    body = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f"<div id=topbar class='menu'>{around[0]}</div><article><h1>{escape(article['title'])}</h1>{body}</article>"
        f"<div class='comments'>{around[2]}</div><footer>{around[1]}</footer>"
    )


def table(article: dict[str, Any], around: list[str]) -> str:
    """An article with a table of figures in it."""
    rows = "".join(f"<tr><td>{n}</td><td>{n * 125}</td></tr>" for n in range(1, 4))
    return (
        f"<nav>{around[0]}</nav><article><h1>{escape(article['title'])}</h1>{paragraphs(article)}"
        f"<table><tr><th>No.</th><th>EUR</th></tr>{rows}</table></article><footer>{around[1]}</footer>"
        f"<dialog>{around[2]}</dialog>"
    )


def divisions(article: dict[str, Any], around: list[str]) -> str:
    """No ``article`` and no ``main``: everything is a ``div``, and a list of links stands beside the text."""
    links = "".join(f"<li><a href=/{n}>{around[0]} {n}</a></li>" for n in range(4))
    return (
        f"<div class='related'><ul>{links}</ul></div><div class='content'><h1>{escape(article['title'])}</h1>"
        f"{paragraphs(article)}</div><div class='social'>{around[2]}</div><div class='footer'>"
        f"<footer>{around[1]}</footer></div>"
    )


def structured_data(article: dict[str, Any], around: list[str]) -> str:
    """The page shows nothing without scripts, and has its article as JSON-LD only."""
    value = {"@context": "https://schema.org", "@type": "NewsArticle", "articleBody": " ".join(article["paragraphs"])}
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script><p>{around[0]}</p>'


def cut(text: str, length: int) -> tuple[str, str]:
    return escape(text[:length]), escape(text[length:])


def paragraphs(article: dict[str, Any]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in article["paragraphs"])


SHAPES: tuple[Callable[[dict[str, Any], list[str]], str], ...] = (
    plain_article, headline_in_header, inline_markup, table, divisions, structured_data,
)  # fmt: skip


def page(article: dict[str, Any], body: str, charset: str = "utf-8") -> str:
    head = f'<meta charset="{charset}"><title>{escape(article["title"])} | Example Press</title>'
    return f"<!DOCTYPE html>\n<html lang={article['language']}><head>{head}</head><body>{body}</body></html>\n"


def made() -> Iterator[tuple[str, bytes]]:
    """The path of each file within this folder, and its content."""
    for name, article in ARTICLES.items():
        body = "\n\n".join(article["paragraphs"])
        text = f"{article['title']}\n\n{body}\n" + (f"\n{body}\n" if name == PRINTED_TWICE else "")
        yield f"texts/{name}.txt", text.encode()
    for number, (name, article) in enumerate(ARTICLES.items()):
        for shape in (SHAPES[number % len(SHAPES)], SHAPES[(number + 3) % len(SHAPES)]):
            around = furniture(number)
            stem = f"{name}.{shape.__name__}"
            yield f"pages/{stem}.html", page(article, shape(article, around)).encode()
            hidden = [] if shape is structured_data else around
            expected = {"must_contain": article["paragraphs"], "must_not_contain": hidden}
            yield f"pages/{stem}.json", (json.dumps(expected, ensure_ascii=False, indent=1) + "\n").encode()
    for charset, name in LEGACY.items():
        text = page(ARTICLES[name], plain_article(ARTICLES[name], furniture(1)), charset)
        content = text.encode(charset, "xmlcharrefreplace")  # as page editors write what a charset lacks
        yield f"legacy/{charset}.html", content
        yield f"legacy/{charset}.utf8.txt", content.decode(charset).encode()


def main() -> None:
    for name, content in made():
        path = CORPUS / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
