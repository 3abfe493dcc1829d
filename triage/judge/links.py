"""Links to hosts, to the parts that matter, and to the part they play in a mail.

A link plays a role (accept, view, profile, footer, ...) that a platform rule file gives
it by a pattern such as ``/comm/in/*``; ``*`` is one piece, ``**`` anything, ``{id}`` and
``{key}`` are captured. May not open a link, and may not keep the keys that act on an
account: only what a pattern matched leaves this module.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

MAX_LINKS = 400  # of one mail; what follows is not looked at
MAX_URL = 2000
MAX_ANYTHING = 2  # "**" of one pattern; each may be anywhere in a link

# Up to white space, quotes or the tag that some text parts glue to a link.
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'\]\)\u200b]{1,4000}", re.IGNORECASE)
_HOST = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]{0,20}:)?/{0,2}(?:[^/?#@\s]*@)?([^/?#:\s]+)")
_SECOND_LEVEL = {"co", "com", "org", "net", "ac", "gov", "edu", "ne", "or"}
_PIECES = {"*": r"[^/?&#\s]+", "**": r"[^\s]{0,1500}?", "{id}": r"(?P<id>[A-Za-z]?\d[\w-]*)",
           "{key}": r"(?P<key>[A-Za-z][\w]*)"}  # fmt: skip
_TOKEN = re.compile(r"\{[a-z]+\}|\*\*|\*|.", re.DOTALL)
_MARK = re.compile(r"^(?:https?:)?//", re.IGNORECASE)


class LinkFault(ValueError):
    """A link pattern that cannot be read; says what is wrong with it."""


@dataclass(frozen=True)
class LinkPattern:
    """Links whose path begins as ``path`` says play the part ``role``."""

    role: str
    path: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", re.compile(compile_path(self.path), re.IGNORECASE))

    def find(self, url: str) -> re.Match[str] | None:
        """``url`` without scheme; the match begins at the first ``/`` after the host."""
        slash = url.find("/")
        pattern: re.Pattern[str] = getattr(self, "_pattern")  # noqa: B009
        return pattern.match(url[slash if slash >= 0 else len(url) :][:MAX_URL])


def compile_path(path: str) -> str:
    """The regular expression of a link pattern."""
    if not path.startswith("/"):
        raise LinkFault("a link pattern begins with /")
    if path.count("**") > MAX_ANYTHING:
        raise LinkFault(f'more than {MAX_ANYTHING} times "**"')
    pieces = []
    for token in _TOKEN.findall(path):
        if token in _PIECES:
            pieces.append(_PIECES[token])
        elif len(token) > 1 or token in "{}":
            raise LinkFault(f"no blank of a link is called {token}")
        else:
            pieces.append(re.escape(token))
    return "".join(pieces)


def host_of(url: str) -> str:
    """Lower-case host of a link, "" where it has none (mailto, anchors, scripts)."""
    url = url.strip()
    if re.match(r"(?:mailto|tel|sms|javascript|data|cid|about|file):|#", url, re.IGNORECASE):
        return ""
    if not (_MARK.match(url) or url.lower().startswith("www.")):
        return ""
    found = _HOST.match(url[:MAX_URL])
    return found[1].lower().rstrip(".") if found else ""


def belongs(host: str, domains: Iterable[str]) -> bool:
    """Whether ``host`` is one of ``domains`` or lies below it."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def root_domain(host: str) -> str:
    """The part of a host that somebody registered: ``a.b.example.co.uk`` gives
    ``example.co.uk``. By rule of thumb, without the public suffix list."""
    parts = host.lower().strip(".").split(".")
    count = 3 if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SECOND_LEVEL else 2
    return ".".join(parts[-count:])


# Rewriters that receiving servers put before a link, and where the true one stands.
_WRAPPERS = (
    ("safelinks.protection.outlook.com", re.compile(r"[?&]url=([^&\s]+)", re.IGNORECASE)),
    ("urldefense.com", re.compile(r"/v3/__(.+?)__;")),
    ("urldefense.proofpoint.com", re.compile(r"[?&]u=([^&\s]+)")),
    ("linkprotect.cudasvc.com", re.compile(r"[?&]a=([^&\s]+)")),
    ("clicktime.symantec.com", re.compile(r"[?&]u=([^&\s]+)")),
)


def unwrapped(url: str) -> str:
    """The link that a receiving server's rewriter hides; any other link as it is."""
    host = host_of(url)
    for domain, pattern in _WRAPPERS:
        if belongs(host, (domain,)):
            found = pattern.search(url)
            if found:
                inner = found[1]
                if domain == "urldefense.proofpoint.com" and "/v2/" in url:
                    inner = inner.replace("-", "%").replace("_", "/")
                inner = unquote(inner)
                return inner if host_of(inner) else url
    return url


def links_in(text: str) -> tuple[str, ...]:
    """The links of a text, entities decoded, in order."""
    found = []
    for match in URL.finditer(text):
        found.append(unwrapped(html.unescape(match[0][:MAX_URL]).rstrip(".,;:!")))
        if len(found) >= MAX_LINKS:
            break
    return tuple(found)


def without_scheme(url: str) -> str:
    return _MARK.sub("", url.strip())


def role_of(url: str, domains: Iterable[str], patterns: Iterable[LinkPattern]) -> str:
    """The part that a link plays for the platform that owns ``domains``: a role, "own"
    for its other links, "" for links that lead elsewhere."""
    if not belongs(host_of(url), domains):
        return ""
    bare = without_scheme(url)
    for pattern in patterns:
        if pattern.find(bare):
            return pattern.role
    return "own"


def cut_link(url: str, pattern: LinkPattern) -> str | None:
    """``url`` up to the end of what ``pattern`` matched; what follows is keys."""
    bare = without_scheme(url)
    found = pattern.find(bare)
    if not found:
        return None
    end = bare.find("/") + found.end()
    return url.strip()[: len(url.strip()) - len(bare) + end]
