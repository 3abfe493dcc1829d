"""The oauth table of an account: what is taken, what is refused, and how that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage import settings_oauth
from triage.errors import SettingsError
from triage.settings import OauthSetting, PasswordSetting, load_settings

HEAD = '[accounts.main]\nhost = "imap.example.org"\nuser = "dave@example.org"\n'
MICROSOFT = 'provider = "microsoft"\nclient_id = "c"\n'
GOOGLE = 'provider = "google"\nclient_id = "c"\nclient_secret = { env = "SECRET" }\n'
OTHER = 'provider = "other"\nclient_id = "c"\ntoken_url = "https://login.example.org/token"\n'
DEVICE = OTHER + 'device_url = "https://login.example.org/device"\n'


def write(folder: Path, table: str, head: str = HEAD) -> Path:
    path = folder / "config.toml"
    path.write_text(f"{head}[accounts.main.oauth]\n{table}", "utf-8")
    return path


def oauth(folder: Path, table: str) -> OauthSetting:
    (account,) = load_settings(write(folder, table)).accounts
    assert account.password is None and account.oauth is not None
    return account.oauth


def faults(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert "hunter2" not in str(caught.value)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def test_microsoft_needs_little(tmp_path: Path) -> None:
    found = oauth(tmp_path, MICROSOFT)
    assert (found.flow, found.tenant, found.client_secret) == ("device", "common", None)
    assert found.token == PasswordSetting("file", str(tmp_path / "main.token"))
    assert found.lock == tmp_path / "main.token.lock"


def test_google_comes_back_to_this_machine(tmp_path: Path) -> None:
    found = oauth(tmp_path, GOOGLE)
    assert found.flow == "loopback" and found.client_secret == PasswordSetting("env", "SECRET")


def test_another_provider_is_named_by_its_addresses(tmp_path: Path) -> None:
    assert oauth(tmp_path, DEVICE).flow == "device"
    found = oauth(tmp_path, OTHER + 'auth_url = "https://login.example.org/auth?x=1"\n')
    assert found.flow == "loopback" and found.auth_url.endswith("?x=1")


def test_a_command_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(HEAD + 'oauth = { command = "oama access dave@example.org" }\n')
    (account,) = load_settings(path).accounts
    assert account.oauth == OauthSetting("command", command="oama access dave@example.org")


def test_where_tokens_are_kept(tmp_path: Path) -> None:
    found = oauth(tmp_path, MICROSOFT + 'token = { file = "secrets/t" }\n')
    assert found.token.value == str(tmp_path / "secrets/t")
    found = oauth(tmp_path, MICROSOFT + "token = { keyring = true }\n[state]\nfile = 'x/t.db'")
    assert found.token.kind == "keyring" and found.lock == tmp_path / "x/t.db.main.token.lock"
    (tmp_path / "config.toml").write_text(
        '[accounts."a/../b"]\nhost = "h"\nuser = "u"\n[accounts."a/../b".oauth]\n' + MICROSOFT
    )
    (account,) = load_settings(tmp_path / "config.toml").accounts
    assert account.oauth is not None
    assert account.oauth.token.value == str(tmp_path / "a%2F..%2Fb.token")


def test_a_secret_in_the_config_is_for_the_owner_alone(tmp_path: Path) -> None:
    path = write(tmp_path, GOOGLE.replace('{ env = "SECRET" }', '"hunter2"'))
    path.chmod(0o644)
    (told,) = faults(path)
    assert told.startswith("7 [accounts.main.oauth.client_secret]: is a secret, and others can")
    assert f"chmod 600 {path}" in told
    path.chmod(0o600)
    found = load_settings(path).accounts[0].oauth
    assert found is not None and found.secret_text == "hunter2" and "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "4 [accounts.main.oauth]: names 0 ways to a token, not one. Write provider"),
        (MICROSOFT + 'command = "x"', "4 [accounts.main.oauth]: names 2 ways"),
        ('provider = "gogle"', "5 [accounts.main.oauth.provider]: 'gogle' is not one of the"),
        ('provider = "microsoft"', "4 [accounts.main.oauth.client_id]: is missing. Add client_id"),
        ('provider = "google"\nclient_id = "c"', "[accounts.main.oauth.client_secret]: is missing"),
        (GOOGLE + 'flow = "device"', "Google gives access to mail by no device flow. Write flow"),
        (GOOGLE + 'tenant = "x"', 'tenant]: says nothing beside provider = "google". Take it out.'),
        (MICROSOFT + 'client_secret = "x"', 'says nothing beside provider = "microsoft"'),
        ('command = "x"\nclient_id = "c"', "client_id]: says nothing beside command. Take"),
        ("command = 7", "command]: is no text"),
        (OTHER, "auth_url]: is missing. Add auth_url"),
        (OTHER + 'flow = "device"', "device_url]: is missing. Add device_url"),
        (
            DEVICE.replace("https://login.example.org/token", "http://x.org/t"),
            "is no https address",
        ),
        (DEVICE.replace("https://login.example.org/token", "https://u:p@x.org/"), "is no https"),
        (DEVICE.replace("https://login.example.org/token", "https://[/"), "is no https address"),
        (DEVICE + "client_secret = 7", "is no text or table"),
        (DEVICE + 'client_secret = { file = "a", env = "B" }', "find the client secret, not one"),
        (DEVICE + 'token = { env = "A" }', "token.env]: unknown key"),
        (DEVICE + 'token = "main.token"', "token]: is no table"),
        (DEVICE + 'ca_file = "gone.pem"', "there is no such file"),
        (DEVICE + 'scope = "mail"', 'unknown key. Did you mean "scopes"?'),
    ],
)
def test_what_is_refused(tmp_path: Path, table: str, told: str) -> None:
    found = faults(write(tmp_path, table))
    assert any(told in fault for fault in found), found


def test_a_password_and_oauth_are_one_too_many_and_neither_too_few(tmp_path: Path) -> None:
    (told,) = faults(write(tmp_path, MICROSOFT, HEAD + 'password = { env = "hunter2" }\n'))
    assert told.startswith("5 [accounts.main.oauth]: stands beside a password")
    path = tmp_path / "config.toml"
    path.write_text(HEAD)
    (told,) = faults(path)
    assert told.startswith("1 [accounts.main.password]: is missing. Add password = {")


def test_the_example_says_every_key() -> None:
    example = Path(__file__).parent.parent.parent / "config.example.toml"
    for key in settings_oauth.OAUTH:
        assert f" {key.name} = " in example.read_text("utf-8")
