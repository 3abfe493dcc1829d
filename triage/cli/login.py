"""`triage login`: a person lets the program into their mailbox at their identity provider.

Shows an address (and a code), waits for the person, keeps the tokens, tries them at the mail
server, and has a daemon that stands still take up the account again. May not show a token,
nor open a browser by itself: the address would be in the list of processes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from triage.clean import shown
from triage.cli import parser as arguments
from triage.cli import screen
from triage.cli.config import accounts_of, settings_of
from triage.errors import TriageError, UserError
from triage.settings import AccountSettings, Settings

if TYPE_CHECKING:
    from triage.logins.grant import Grant, Prompt
    from triage.logins.login import Login

LOOPBACK_SECONDS = 900.0  # for a person to find their password


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage login` takes."""
    arguments.describe(
        parser,
        "Log in by OAuth2 at the provider that the account's oauth names in the config, and keep\n"
        "the tokens. Once; the daemon renews them. Again when it says that the login has ended.",
        ("triage login main", "triage login main --flow loopback --port 8765"),
    )
    parser.add_argument("account", metavar="ACCOUNT", help="its name in the config")
    parser.add_argument(
        "--flow",
        choices=("device", "loopback"),
        help="type a code anywhere, or let a browser come back to this machine",
    )
    parser.add_argument("--port", type=_port, default=0, help="loopback: this port, not any")
    parser.add_argument("--no-test", action="store_true", help="do not try the mail server")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask, keep, try, and tell the daemon."""
    from triage.daemon.oauth import login_of_a_person

    settings = settings_of(args)
    (account,) = accounts_of(settings, args.account)
    login = login_of_a_person(account)
    assert account.oauth is not None
    flow = args.flow or account.oauth.flow
    if args.port and flow == "device":
        raise UserError("--port goes with --flow loopback", where="login", now="Leave it out.")
    grant = _by_device(login) if flow == "device" else _by_loopback(login, args.port)
    login.keep(grant)
    print(f"\nLogged in. The tokens are kept in {shown(login.store.place, lines=False)}.")
    if not args.no_test:
        _try(account)
    _tell_daemon(settings)
    return 0


def _by_device(login: Login) -> Grant:
    from triage.logins.login import provider_of

    return provider_of(login.registration).by_device(_show)


def _show(prompt: Prompt) -> None:
    minutes = max(1, round(prompt.seconds / 60))
    print("Open this address in a browser, on any machine:\n")
    print(f"    {_plain(prompt.url)}\n")
    print(f"and type the code  {screen.painted(_plain(prompt.code), 'bold')}\n")
    if prompt.url_with_code:
        print(f"or open {_plain(prompt.url_with_code)}\n")
    print(f"Waiting for you, {minutes} minutes at most …", flush=True)


def _by_loopback(login: Login, port: int) -> Grant:
    from triage.logins.login import provider_of
    from triage.logins.receiver import Receiver

    registration = login.registration
    # Microsoft knows the loopback by name alone; RFC 8252 section 8.3 would have the address.
    host = "localhost" if registration.provider == "microsoft" else "127.0.0.1"
    with Receiver(port) as receiver:

        def browse(url: str, state: str) -> Mapping[str, str]:
            print("Open this address in a browser:\n")
            print(f"    {_plain(url)}\n")
            typed = sys.stdin if sys.stdin.isatty() else None
            if typed:
                forward = f"ssh -L {receiver.port}:127.0.0.1:{receiver.port} …"
                print("If that browser runs on another machine, paste the address at which it")
                print(f"ends, or forward the port first: {forward}")
            minutes = round(LOOPBACK_SECONDS / 60)
            print(f"Waiting for you, {minutes} minutes at most …", flush=True)
            try:
                query = receiver.answer(state, LOOPBACK_SECONDS, typed, _not_that)
            except TimeoutError:
                raise TriageError(
                    "nobody came back from the provider",
                    where=f"account {registration.account}",
                    now=f"Type again: {registration.remedy}",
                ) from None
            if "error" in query:
                raise _refusal(login, query)
            return query

        return provider_of(registration).by_loopback(f"http://{host}:{receiver.port}", browse)


def _not_that() -> None:
    print("That is not the answer. Paste the whole address at which the browser ended.", flush=True)


def _refusal(login: Login, query: Mapping[str, str]) -> TriageError:
    from triage.logins.wire import Wire

    registration = login.registration
    wire = Wire(registration, registration.auth_url or registration.authority)
    return wire.meaning(query)


def _try(account: AccountSettings) -> None:
    from triage.daemon.accounts import login_of
    from triage.mailbox.connect import connect_reader

    with connect_reader(login_of(account)):
        print(f"The mail server {account.host} has let us in.")


def _tell_daemon(settings: Settings) -> None:
    """SIGHUP to the daemon of this config, if one runs: an account that stands still begins
    anew. Whoever holds the state file may be another command, which that would end."""
    from triage.daemon.health import health_file
    from triage.memory import holder

    running = holder(settings.state_file)
    try:
        told = json.loads(health_file(settings.state_file).read_text("utf-8"))
        is_daemon = running is not None and told.get("process") == running
    except (OSError, ValueError, AttributeError):
        is_daemon = False  # one that ends in order takes its file away
    if running is None or not is_daemon:
        print("\nNext:  triage doctor   is everything as it should be?")
        return
    try:
        os.kill(running, signal.SIGHUP)
    except OSError as error:
        what = f"the daemon (process {running}) cannot be told: {error.strerror}"
        raise TriageError(what, now=f"Tell it: kill -HUP {running}") from None
    print(f"The daemon (process {running}) takes the account up again.")


def _plain(text: str) -> str:
    return shown(text, 4000, lines=False)


def _port(text: str) -> int:
    if text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
