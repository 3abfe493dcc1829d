"""A mail that wants to be taken for a platform to the signs that it is not from there.

Each sign is an ``Evidence`` towards suspicious with its log odds; weak signs count only
together (``THRESHOLD``). May not name a person or an address in its words, and may not
hold a missing authentication against a mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.judge.authenticity import Result, Standing, standing
from triage.judge.likeness import display_likeness, domain_likeness
from triage.judge.links import belongs, host_of, role_of, root_domain
from triage.judge.recognise import Recognition, Sight
from triage.model import Evidence

THRESHOLD = 4.0
_DANGEROUS = re.compile(
    r"\.(?:zip|rar|7z|gz|exe|scr|pif|com|bat|cmd|js|jse|vbs|wsf|hta|iso|img|lnk|jar|ace|cab|msi|html?"
    r"|shtml|docm|xlsm|doc|xls|one)\s*$",
    re.IGNORECASE,
)
_TOLD_ATTACHMENT = re.compile(
    r"^\[?attach(?:ment|ed)[^\]]{0,12}:\s*(\S.{0,120}?)\]?$", re.IGNORECASE
)
_NAMED_ARCHIVE = re.compile(r"\b[\w-]{1,60}\.(?:zip|rar|exe|scr|pif)\b", re.IGNORECASE)
_SHOWN_HOST = re.compile(
    r"^(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#\s].*)?$", re.IGNORECASE
)


def claims(sight: Sight, seen: Recognition | None) -> bool:
    """Whether the mail wants to be taken for the platform's: by its sender, by a look
    alike of it, by the platform's own header fields or by the wording of its mails."""
    platform = sight.platform
    if sight.from_platform or sight.key_in_header:
        return True
    speaker = sight.speaker
    shown = display_likeness(speaker.name, platform)
    domain = domain_likeness(speaker.domain, platform)
    if platform.guarded and (shown or domain):
        return shown == "same" or domain == "like" or sight.speaks_of_platform
    return seen is not None or _copied_imprint(sight)


def _copied_imprint(sight: Sight) -> bool:
    """A copied imprint, and not one link to whose it is. (Archives take links out.)"""
    linked = any(line.links for line in (*sight.text, *sight.page))
    if not sight.platform.guarded or sight.roles or not sight.bears_imprint:
        return False
    return linked or not sight.own_address_days


def signs(
    sight: Sight, seen: Recognition | None, results: Sequence[Result]
) -> tuple[tuple[Evidence, ...], Standing]:
    """The signs against a mail that claims to be the platform's, and what the user's own
    servers say of its sender."""
    platform, domain = sight.platform, sight.speaker.domain
    told = standing(results, domain, sight.through_list) if domain else Standing(None)
    if not sight.from_platform:
        told = Standing(None)  # passing for another domain proves nothing here
    found = [*_sender(sight, seen, told), *_links(sight, seen), *_attachments(sight)]
    if sight.from_platform and told.passes is not True:
        found += _transport(sight)
        if results and told.passes is None and not sight.through_list:
            found.append(_sign("unsigned", f"nothing vouches for it as {platform.name}'s", 3))
    if told.passes is True:
        # Vouched for: only what a genuine mail never holds still counts.
        found = [item for item in found if item.bits >= 5 and "attachment" in item.rule]
    if sum(item.bits for item in found) < THRESHOLD:
        found = []
    return tuple(found), told


def _sender(sight: Sight, seen: Recognition | None, told: Standing) -> Iterable[Evidence]:
    platform = sight.platform
    speaker = sight.speaker
    if told.passes is False:
        yield _sign("failed", f"claims to come from {platform.name}, and {told.why}", 8)
    if sight.from_platform:
        return
    shown = display_likeness(speaker.name, platform)
    likeness = domain_likeness(speaker.domain, platform)
    if likeness == "like":
        yield _sign("lookalike-domain", f"comes from a domain that imitates {platform.name}'s", 7)
    elif likeness == "same" and (shown or seen or sight.speaks_of_platform):
        yield _sign("borrowed-domain", f"{platform.name}'s name in a domain that is not its own", 5)
    # In the old days it wrote "Ada via LinkedIn", and archives mask addresses.
    masked = sight.own_address_days and sight.roles & {"accept", "view"}
    if shown == "same" and not masked:
        yield _sign("display-name", f"calls itself {platform.name}, from another domain", 6)
    elif shown == "like" and sight.speaks_of_platform:
        yield _sign("display-name", f"calls itself almost {platform.name}", 6)
    if sight.key_in_header and not sight.through_list:
        yield _sign("borrowed-key", f"carries {platform.name}'s key, from another domain", 5)
    if _copied_imprint(sight):
        yield _sign("copied-imprint", f"bears {platform.name}'s imprint, and no link to it", 4)
    reply = sight.mail.reply_to.domain
    if not sight.through_list and reply and belongs(reply, platform.from_domains):
        yield _sign("reply-to", f"answers go to {platform.name}, the sender is another", 3)


def _links(sight: Sight, seen: Recognition | None) -> Iterable[Evidence]:
    platform = sight.platform
    sight.budget.spend(2 * (len(sight.text) + len(sight.page)))
    web = [(line, link, host) for line in (*sight.text, *sight.page) for link in line.links
           if (host := host_of(link))]  # fmt: skip
    if _disguised(sight):
        yield _sign("disguised-link", f"shows a link to {platform.name} that leads elsewhere", 6)
    foreign = [item for item in web if not belongs(item[2], platform.link_domains)]
    if sight.through_list:  # the footer of the list
        lists = {root_domain(sight.mail.sender.domain), *_list_hosts(sight)}
        foreign = [item for item in foreign if root_domain(item[2]) not in lists]
    if not foreign:
        return
    labels = [item for item in foreign if platform.labels.matches(item[0].text)]
    if labels:
        yield _sign("accept-elsewhere", "its buttons lead away from the platform", 6)
    elif len(foreign) == len(web) or not any(
        role_of(link, platform.link_domains, platform.links) for _, link, _ in web
    ):
        yield _sign("links-elsewhere", f"no link of it leads to {platform.name}", 4)


def _list_hosts(sight: Sight) -> set[str]:
    names = ("list-post", "list-id", "list-unsubscribe", "list-archive", "list-help")
    text = " ".join(value for name, value in sight.mail.fields if name in names)[:4000]
    hosts = re.findall(r"(?:@|//|\.|<)((?:[a-z0-9-]+\.)+[a-z]{2,})", text, re.IGNORECASE)
    return {root_domain(host) for host in hosts}


def _disguised(sight: Sight) -> bool:
    """A link whose words are a link to the platform, and which leads away from it."""
    domains = sight.platform.link_domains
    for words, link in sight.shown_links[:200]:
        shown = _SHOWN_HOST.match(words)
        host = host_of(link)
        if shown and host and belongs(shown[1].lower(), domains) and not belongs(host, domains):
            return True
    return False


def _attachments(sight: Sight) -> Iterable[Evidence]:
    told = (_TOLD_ATTACHMENT.match(line.text) for line in (*sight.text, *sight.page))
    names = [item.name for item in sight.mail.attachments]
    names += [found[1] for found in told if found]
    if sight.from_platform:
        names += [found[0] for line in (*sight.text[:80], *sight.page[:80])
                  if (found := _NAMED_ARCHIVE.search(line.text))]  # fmt: skip
    if any(_DANGEROUS.search(name) for name in names):
        yield _sign("attachment", "brings a file, which no platform's mail does", 6)


def _transport(sight: Sight) -> Iterable[Evidence]:
    """What the way here left behind, where no own server vouches: weak, and silent
    behind a mailing list or a forwarder."""
    platform, mail = sight.platform, sight.mail
    if sight.through_list:
        return
    envelope = mail.envelope.domain
    forwarded = "srs" in mail.envelope.local[:5] or "=" in mail.envelope.local
    if envelope and not forwarded and not belongs(envelope, platform.from_domains):
        yield _sign("envelope", "its envelope names another sender", 3)
    number = mail.value("Message-ID").strip()
    if platform.message_ids and number and not sight.numbers_like_platform(number):
        yield _sign("message-id", f"its Message-ID is not in {platform.name}'s form", 2)


def _sign(name: str, says: str, bits: float) -> Evidence:
    rule = f"authenticity.{name}"
    return Evidence(rule, says, "suspicious", float(bits), group=rule)
