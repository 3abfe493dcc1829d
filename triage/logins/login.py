"""One account's login: the access token that it has, or the next.

A token is renewed before it ends, by one process at a time, and what renews the next is
kept before a token is given out. Where only a person can help, that is kept too, so that
nobody asks the provider again before they did. May not log in to a mailbox.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from triage.errors import LoginRefused, ServerUnreachable, UserError
from triage.logins.grant import Grant, Provider, Registration
from triage.logins.record import Moment, Record, from_text, moment, new_record, to_text
from triage.logins.store import Store, alone
from triage.logins.wire import Ended

SOON = timedelta(days=2)  # a login that ends within is said to


_NEEDS = {"google": "google_auth_oauthlib", "microsoft": "msal", "other": "requests"}


def provider_of(registration: Registration) -> Provider:
    """The provider's own way of speaking. ``UserError`` where its library is missing."""
    if find_spec(_NEEDS[registration.provider]) is None:
        raise UserError(
            f"the package {_NEEDS[registration.provider]} is not installed",
            where=f"account {registration.account}",
            now="pip install 'invitation-triage[oauth]'",
        )
    if registration.provider == "google":
        from triage.logins.google import Google

        return Google(registration)
    if registration.provider == "microsoft":
        from triage.logins.microsoft import Microsoft

        return Microsoft(registration)
    from triage.logins.other import Other

    return Other(registration)


@dataclass(frozen=True)
class Standing:
    """How a login stands, for a person: ``what``, and what to do ``now``."""

    state: Literal["ok", "note", "fail"]
    what: str
    now: str = ""


class Login:
    """``registration`` says at whom, ``store`` keeps, ``lock`` is held while it renews."""

    def __init__(
        self,
        registration: Registration,
        store: Store,
        lock: Path,
        provider: Callable[[Registration], Provider] = provider_of,
        now: Callable[[], Moment] = moment,
    ) -> None:
        self.registration, self.store = registration, store
        self._lock, self._provider, self._now = lock, provider, now

    def __repr__(self) -> str:
        return f"<login of account {self.registration.account}>"

    @property
    def remedy(self) -> str:
        """What a person does where the token is not taken."""
        return f"Type: {self.registration.remedy}"

    def token(self) -> str:
        """An access token that holds. ``LoginRefused`` where a person must log in,
        ``ServerUnreachable`` where the provider is, ``UserError`` for the config."""
        return self._token(None)

    def instead_of(self, refused: str) -> str | None:
        """Another token than ``refused``, which looked fresh and was not taken: one that
        another process got meanwhile, or a new one. None where there is none."""
        token = self._token(refused)
        return token if token != refused else None

    def keep(self, grant: Grant) -> None:
        """Begin anew with what a person has just granted."""
        if not grant.refresh_token:
            raise UserError(
                "the provider gave no refresh token, so the login would end within the hour",
                where=f"account {self.registration.account}",
                now="Ask for its scope for it (often offline_access) in scopes.",
            )
        with alone(self._lock), self.store.room():
            self.store.write(to_text(new_record(self.registration, grant, self._now())))

    def standing(self) -> Standing:
        """How it stands, without asking the provider."""
        text = self.store.read()
        record = from_text(text) if text is not None else None
        trouble = self._trouble(text, record)
        if trouble is not None or record is None:
            return Standing("fail", trouble or "", self.remedy)
        on = f"{record.provider} on {_day(record.logged_in)}"
        told = f"logged in at {on}, tokens in {self.store.place}"
        if record.ends:
            told += f"; the login ends on {_day(record.ends)}"
            if datetime.fromisoformat(record.ends) < self._now().date + SOON:
                return Standing("note", told, f"Before that: {self.registration.remedy}")
        return Standing("ok", told)

    def _token(self, refused: str | None) -> str:
        with alone(self._lock):
            self.store.finish()
            text = self.store.read()
            record = from_text(text) if text is not None else None
            trouble = self._trouble(text, record)
            if trouble is not None or record is None:
                where = f"account {self.registration.account}"
                raise LoginRefused(trouble or "", where=where, now=self.remedy)
            if record.is_fresh(self._now()) and record.access_token != refused:
                return record.access_token
            try:
                # In a thread of its own, whose end a process waits for at its own: a renewal
                # that is begun and not kept could be the end of the login.
                with ThreadPoolExecutor(1, "renewal") as pool:
                    return pool.submit(self._renewed, record).result()
            except ServerUnreachable:
                if refused is not None or not record.seconds_left(self._now()):
                    raise
                return record.access_token  # it holds for some minutes yet

    def _renewed(self, record: Record) -> str:
        with self.store.room():
            try:
                grant = self._provider(self.registration).renew(record.refresh_token)
            except Ended as error:
                self.store.write(to_text(record.over(error.reason, self._now())))
                raise
            record = record.renewed_by(grant, self._now())
            self.store.write(to_text(record))
        return record.access_token

    def _trouble(self, text: str | None, record: Record | None) -> str | None:
        """Why only a person can help, None where they need not."""
        if text is None:
            return "nobody has logged in yet"
        if record is None:
            return f"what is kept of the login in {self.store.place} cannot be read"
        if not record.is_of(self.registration):
            return "the login was made for another provider or client_id"
        if record.ended:
            on = _day(record.ended_on)
            return f"the login has expired or was revoked on {on} ({record.ended})"
        return None


def _day(date: str) -> str:
    return date[:10]
