"""An identity provider on this machine, strict where real ones are and as moody.

OAuth2 over TLS: code with PKCE (RFC 7636), device (RFC 8628), refresh with rotation and with
reuse taken for theft (RFC 9700 section 4.14.2), introspection (RFC 7662) for a mail server.
Its clock is its own. All secrets that it gives begin with ``CANARY``. Knows nothing of mail.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from servers import certificates

CLIENT, SECRET = "client-7", "CANARY-client-secret"
USER, SCOPE = "dave@example.org", "mail"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
Answer = tuple[int, Any]


@dataclass
class Family:
    """One login, and the refresh tokens that followed each other in it."""

    newest: str
    used: set[str] = field(default_factory=set)
    over: bool = False


@dataclass
class Behaviour:
    """How it is today. ``announced`` is what it says of ``lifetime``; ``next_answers`` are
    given to the next token requests in place of its own, "lost": it does its work and hangs
    up; "slow": it does not end its answer before ``go``. ``blind``: it knows no token."""

    lifetime: float = 3600.0
    announced: Any = None
    rotates: bool = True
    interval: int = 1
    ends_in: int | None = None
    needs_secret: bool = False
    blind: bool = False
    device_seconds: int = 600
    next_answers: deque[Any] = field(default_factory=deque)
    go: threading.Event = field(default_factory=threading.Event)


class IdentityProvider:
    """``requests`` is what was asked: (path, grant type or "", status); ``secrets`` all that
    nobody else may see."""

    def __init__(self, folder: Path) -> None:
        made = certificates.make(folder)
        self.ca_file = made.authority
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        # The handshake in the thread of the connection, lest one that stalls stops all.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://localhost:{self._server.server_address[1]}"
        self._lock = threading.RLock()
        self.reset()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self) -> None:
        self.now = 1_000_000.0
        self.is_today = Behaviour()
        self.requests: list[tuple[str, str, int]] = []
        self.secrets = [SECRET]
        self.codes: dict[str, dict[str, str]] = {}
        self.devices: dict[str, list[str]] = {}  # device code: [user code, state]
        self.families: list[Family] = []
        self.tokens: dict[str, tuple[Family, float]] = {}

    def secret(self, kind: str) -> str:
        self.secrets.append(f"CANARY-{kind}-{secrets.token_hex(12)}")
        return self.secrets[-1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def renewals(self) -> int:
        return sum(grant == "refresh_token" for _, grant, _ in self.requests)

    def revoke(self) -> None:
        """As the person does it in their account's settings."""
        for family in self.families:
            family.over = True

    def forget_access_tokens(self) -> None:
        """They end before their time; the logins stay."""
        self.tokens.clear()

    def type_code(self, code: str, state: str = "yes") -> None:
        """The person types a user code, or says no."""
        for device in self.devices.values():
            if device[0] == code:
                device[1] = state

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        with self._lock:
            name = path.rpartition("/")[2]
            if name == "openid-configuration":
                base = self.url + path.partition("/v2.0/")[0]
                names = {"authorization": "authorize", "token": "token",
                         "device_authorization": "device"}  # fmt: skip
                found = {f"{name}_endpoint": f"{base}/{end}" for name, end in names.items()}
                return 200, {"issuer": base, **found}
            if name == "introspect":
                return self._introspected(form.get("token", ""))
            if name == "device":
                return self._device(form)
            return self._token(form) if name == "token" else (404, {"error": "not_found"})

    def consent(self, query: dict[str, str]) -> str:
        """Where the browser is sent: the person said yes."""
        code = self.secret("code")
        self.codes[code] = query
        return f"{query['redirect_uri']}/?{urlencode({'code': code, 'state': query['state']})}"

    def _introspected(self, token: str) -> Answer:
        family, until = self.tokens.get(token, (Family("", over=True), 0.0))
        active = {"active": True, "username": USER, "scope": SCOPE}
        found = {"active": False} if family.over or self.now >= until else active
        return (500, {}) if self.is_today.blind else (200, found)

    def _device(self, form: dict[str, str]) -> Answer:
        code, typed = self.secret("device"), secrets.token_hex(4).upper()
        self.devices[code] = [typed, "pending"]
        times = {"expires_in": self.is_today.device_seconds, "interval": self.is_today.interval}
        url = f"{self.url}/type"
        return 200, {"device_code": code, "user_code": typed, "verification_uri": url, **times}

    def _token(self, form: dict[str, str]) -> Answer:
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client", "error_description": "who is that?"}
        if self.is_today.needs_secret and form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        grant = form.get("grant_type", "")
        if grant == "authorization_code":
            return self._by_code(form)
        if grant == DEVICE_CODE:
            return self._by_device(form)
        return self._by_refresh(form) if grant == "refresh_token" else (400, {"error": "no"})

    def _by_code(self, form: dict[str, str]) -> Answer:
        asked = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            asked is None
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
        ):
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        return self._given(Family(""))

    def _by_device(self, form: dict[str, str]) -> Answer:
        code = form.get("device_code", "")
        state = self.devices.get(code, ["", "gone"])[1]
        if state == "yes":
            del self.devices[code]
            return self._given(Family(""))
        wrong = {"pending": "authorization_pending", "no": "access_denied"}
        return 400, {"error": wrong.get(state, "expired_token")}

    def _by_refresh(self, form: dict[str, str]) -> Answer:
        token = form.get("refresh_token", "")
        for family in self.families:
            if token in family.used:  # by a thief, or by a client that lost the new one
                family.over = True
            if token == family.newest and not family.over:
                return self._given(family)
        told = f"Token {token} of {USER} has been expired or revoked."
        return 400, {"error": "invalid_grant", "error_description": told}

    def _given(self, family: Family) -> Answer:
        today = self.is_today
        answer: dict[str, Any] = {"token_type": "Bearer", "scope": SCOPE}
        if not family.newest or today.rotates:
            if family.newest:
                family.used.add(family.newest)
            else:
                self.families.append(family)
            family.newest = answer["refresh_token"] = self.secret("refresh")
        answer["access_token"] = self.secret("access")
        answer["expires_in"] = today.lifetime if today.announced is None else today.announced
        if today.ends_in is not None:
            answer["refresh_token_expires_in"] = today.ends_in
        self.tokens[answer["access_token"]] = (family, self.now + today.lifetime)
        return 200, answer


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that do not trust the certificate, or hang up, are part of the tests."""


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path.endswith("/authorize"):
                self._send(302, "", provider.consent(dict(parse_qsl(url.query))))
            else:
                self._send(*provider.answer(url.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body))
            if basic := self.headers.get("Authorization", "").removeprefix("Basic "):
                client = base64.b64decode(basic).decode().partition(":")
                form |= {"client_id": client[0], "client_secret": client[2]}
            name = self.path.rpartition("/")[2]
            moods = provider.is_today.next_answers
            mood = moods.popleft() if name == "token" and moods else None
            status, answer = mood if isinstance(mood, tuple) else provider.answer(self.path, form)
            if name != "introspect":
                provider.requests.append((self.path, form.get("grant_type", ""), status))
            if mood == "lost":
                self.close_connection = True
            else:
                self._send(status, answer, slowly=mood == "slow")

        def _send(self, status: int, answer: Any, to: str = "", slowly: bool = False) -> None:
            text = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            while slowly and not provider.is_today.go.wait(1):  # so that no one times out
                self.send_header("X-Still", "here")
                self.flush_headers()
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *line: object) -> None:
            return

    return Handler
