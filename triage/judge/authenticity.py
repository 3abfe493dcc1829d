"""Authentication-Results of the user's own servers to what they vouch for.

Reads RFC 8601 fields of trusted authserv-ids alone, and only where no foreign server
stands above them: what a sender brought along counts for nothing. May not look anything
up in the DNS, and does not judge what a missing result means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.judge.links import belongs, root_domain
from triage.judge.mail import Mail
from triage.preferences import Trust

MAX_RESULTS = 60
_COMMENT = re.compile(r"\([^()]*\)")
_BY = re.compile(r"\bby\s+(\[?[A-Za-z0-9.:_-]+\]?)")
_RESULT = re.compile(r"^\s*([a-zA-Z0-9-]+)\s*(?:/\s*\d+)?\s*=\s*([a-zA-Z]+)\b(.*)$", re.DOTALL)
_PROPERTY = re.compile(
    r"\b(header|smtp|policy|body)\.([a-z0-9-]+)\s*=\s*(\"[^\"]*\"|[^\s;]+)", re.IGNORECASE
)
_BAD = {"fail", "softfail", "permerror", "policy"}


@dataclass(frozen=True)
class Result:
    """One method of one field: ``dkim``, ``spf`` or ``dmarc``, what came of it, and the
    domain that it speaks of ("" where it does not say)."""

    method: str
    result: str
    domain: str


@dataclass(frozen=True)
class Standing:
    """What the trusted results say of one From domain: ``passes`` is True where they
    vouch for it, False where they deny it, None where they do not tell."""

    passes: bool | None
    why: str = ""


def trusted_results(mail: Mail, trust: Trust) -> tuple[Result, ...]:
    """The results of the user's own servers: those of the topmost group of such fields,
    as long as no Received of a foreign server stands above it."""
    ids = {name.strip().lower() for name in trust.authserv_ids}
    if not ids:
        return ()
    roots = {root_domain(name) for name in ids}
    found: list[Result] = []
    for name, value in mail.fields:
        if name == "received":
            if found or not _is_ours(value, roots):
                break
        elif name == "authentication-results":
            plain = _plain(value)
            if _authserv_id(plain) in ids:
                found.extend(_results(plain))
    return tuple(found[:MAX_RESULTS])


def _is_ours(received: str, roots: set[str]) -> bool:
    """Whether one of the user's own servers wrote this Received line: it is named by
    host, by an address of its inner network, or says nothing of the kind."""
    found = _BY.search(_plain(received))
    if not found:
        return False
    host = found[1].strip("[]").lower().rstrip(".")
    inner = host == "localhost" or "." not in host or bool(re.fullmatch(r"[\d.]+|[0-9a-f:]+", host))
    return inner or root_domain(host) in roots


def _plain(value: str) -> str:
    """``value`` without its comments."""
    for _ in range(5):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return value


def _authserv_id(value: str) -> str:
    words = value.partition(";")[0].split()
    return words[0].lower() if words and "=" not in words[0] else ""


def _results(value: str) -> Iterable[Result]:
    for piece in value.split(";")[1 : MAX_RESULTS + 1]:
        found = _RESULT.match(piece)
        if not found:
            continue
        method, result = found[1].lower(), found[2].lower()
        if method not in ("dkim", "spf", "dmarc"):
            continue
        properties = {
            f"{kind.lower()}.{name.lower()}": text.strip('"').lower()
            for kind, name, text in _PROPERTY.findall(found[3])
        }
        wanted = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail"),
                  "dmarc": ("header.from",)}[method]  # fmt: skip
        text = next((properties[key] for key in wanted if key in properties), "")
        yield Result(method, result, text.rpartition("@")[2].strip("<>.,"))


def standing(results: Sequence[Result], domain: str, through_list: bool) -> Standing:
    """What ``results`` say of a From address at ``domain``. DMARC decides; else an
    aligned DKIM signature, else an aligned SPF pass. A list breaks signatures, so behind
    one a broken signature tells nothing."""
    root = root_domain(domain)
    aligned = [item for item in results if item.domain and belongs(item.domain, (root,))]
    named = [item for item in results if item.method == "dmarc"]
    dmarc = [item for item in named if item in aligned or not item.domain]
    if any(item.result == "fail" for item in dmarc):
        return Standing(False, "DMARC fails")
    if any(item.result == "pass" for item in dmarc):
        return Standing(True, "DMARC passes")
    signatures = [item for item in aligned if item.method == "dkim"]
    if any(item.result == "pass" for item in signatures):
        return Standing(True, "its DKIM signature verifies")
    spf = [item for item in aligned if item.method == "spf"]
    if any(item.result == "pass" for item in spf):
        return Standing(True, "SPF passes")
    if not through_list and any(item.result in _BAD for item in signatures):
        return Standing(False, "its DKIM signature does not verify")
    if not through_list and any(item.result in _BAD for item in spf):
        return Standing(False, "SPF fails")
    return Standing(None)
