"""A mail's texts and pages to lines, all of them and those that are its own, and to the
mail as one platform sees it.

``mentions`` is the cheap look that spares most mail the dear one. May not decide what a
mail is.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.judge.budget import Budget
from triage.judge.html import Page, read_page
from triage.judge.likeness import display_likeness, domain_likeness
from triage.judge.lines import Line, is_whole, own_lines, page_lines, text_lines
from triage.judge.links import belongs, host_of, unwrapped
from triage.judge.mail import Mail
from triage.judge.platforms import Platform
from triage.judge.recognise import Sight, see

MAX_TEXTS, MAX_PAGES = 6, 4  # parts that are looked at


@dataclass(frozen=True)
class Parts:
    """The texts of a mail as lines: all of them, and those that it does not quote."""

    text: tuple[Line, ...]
    page: tuple[Line, ...]
    own_text: tuple[Line, ...]
    own_page: tuple[Line, ...]
    pages: tuple[Page, ...]
    quotes: bool
    whole: bool
    words: str
    hosts: frozenset[str]


def parts_of(mail: Mail, budget: Budget) -> Parts:
    """The lines of ``mail``; only its first few parts are looked at."""
    texts = [(part, text_lines(part, budget)) for part in mail.plain[:MAX_TEXTS]]
    text = tuple(line for _, lines in texts for line in lines)
    pages = tuple(read_page(part, budget) for part in mail.html[:MAX_PAGES])
    page = tuple(line for item in pages for line in page_lines(item.lines))
    own_text, own_page = own_lines(text), own_lines(page)
    quotes = own_text.quotes or own_page.quotes or any(item.quoted for item in pages)
    budget.spend(len(text) + len(page))
    whole = mail.whole and all(item.whole for item in pages)
    whole = whole and all(is_whole(part, lines) for part, lines in texts)
    whole = whole and len(mail.plain) <= MAX_TEXTS and len(mail.html) <= MAX_PAGES
    words = "\n".join(
        (mail.subject, mail.sender.name, *(line.text for line in (*text[:150], *page[:200])))
    ).casefold()
    hosts = frozenset(host_of(link) for line in (*text, *page) for link in line.links)
    return Parts(text, page, own_text.lines, own_page.lines, pages, quotes, whole, words, hosts)


def sight_of(mail: Mail, platform: Platform, parts: Parts, budget: Budget) -> Sight:
    """``mail`` as ``platform`` sees it, without what a person quotes in it."""
    hidden = tuple(text for page in parts.pages for text in page.hidden)
    shown = tuple(
        (words, unwrapped(link)) for page in parts.pages for words, link in page.shown_links
    )
    sight = see(mail, platform, parts.text, parts.page, hidden, shown, budget)
    if sight.from_platform or not parts.quotes:
        return sight
    return see(mail, platform, parts.own_text, parts.own_page, hidden, shown, budget)


def mentions(mail: Mail, platform: Platform, parts: Parts) -> bool:
    """Whether anything in the mail points at the platform: a cheap look that spares most
    mail the whole one."""
    if any(mail.value(name) for name in platform.headers):
        return True
    for who in (mail.sender, mail.reply_to):
        if who.domain and belongs(who.domain, platform.from_domains):
            return True
        if platform.guarded and (
            display_likeness(who.name, platform) or domain_likeness(who.domain, platform)
        ):
            return True
    names = (platform.name, *platform.also_called)
    if any(name.casefold() in parts.words for name in names):
        return True
    return any(belongs(host, platform.link_domains) for host in parts.hosts)
