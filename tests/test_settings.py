"""config.toml to Settings: what is taken, what is refused, and how that is said.

May not read the user's own config: every file stands in a temporary folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from triage import settings_schema as schema
from triage.errors import SettingsError
from triage.loopback import is_loopback
from triage.model import LABELS
from triage.preferences import Costs, Me, Route, Routes, Trust
from triage.settings import Settings, default_path, load_settings
from triage.toml_source import TomlSource, read_toml

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
STAYS = "Take move out: what is unsure stays where a person will see it."
ACCOUNT = """[accounts.main]
host = "imap.example.org"
user = "dave@example.org"
password = { env = "TRIAGE_PASSWORD" }
"""


def load(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load_settings(path)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    assert caught.value.exit_code == 2
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def test_an_account_is_enough(tmp_path: Path) -> None:
    settings = load(tmp_path, ACCOUNT)
    (account,) = settings.accounts
    assert (account.name, account.port, account.security) == ("main", 993, "tls")
    assert (account.folders, account.watch, account.poll_minutes) == (("INBOX",), "idle", 5)
    assert (account.password.kind, account.password.value) == ("env", "TRIAGE_PASSWORD")
    assert (settings.me, settings.costs, settings.trust) == (Me(), Costs(), Trust())
    assert (settings.routes, settings.max_moves) == (Routes(), 500)
    assert settings.rules_folder == tmp_path / "rules"
    assert settings.state_file == tmp_path / "triage.db"


def test_folders_are_watched_up_to_the_bound_and_none_where_the_server_is_not_to_tell(
    tmp_path: Path,
) -> None:
    text = ACCOUNT + 'folders = ["INBOX", "A", "B", "A", "C"]\n'
    assert load(tmp_path, text).accounts[0].watched_folders == ("INBOX", "A", "B")
    text += "connections = 1\n"
    assert load(tmp_path, text).accounts[0].watched_folders == ("INBOX",)
    assert load(tmp_path, text + 'watch = "poll"\n').accounts[0].watched_folders == ()


def test_metrics_are_off_unless_a_port_is_named(tmp_path: Path) -> None:
    assert load(tmp_path, ACCOUNT + "[metrics]\n").metrics_port is None
    assert load(tmp_path, ACCOUNT + "[metrics]\nport = 9766\n").metrics_port == 9766


def test_nothing_at_all_is_legal_so_that_judge_can_use_it(tmp_path: Path) -> None:
    assert load(tmp_path, "").accounts == ()


def test_relative_paths_start_at_the_config_and_absolute_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    text = ACCOUNT.replace('env = "TRIAGE_PASSWORD"', 'file = "secrets/imap"')
    text += 'ca_file = "ca.pem"\n[rules]\nfolder = "../mine"\n[state]\nfile = "/var/lib/t.db"\n'
    settings = load(tmp_path, text)
    (account,) = settings.accounts
    assert account.password.value == str(tmp_path / "secrets/imap")
    assert account.ca_file == str(tmp_path / "ca.pem")
    assert settings.rules_folder == tmp_path.parent / "mine"
    assert settings.state_file == Path("/var/lib/t.db")


def test_a_route_replaces_its_default_and_leaves_the_others(tmp_path: Path) -> None:
    text = '[routes]\ngeneric = { label = "Meh", mark_read = true }\nboilerplate = { leave = true }'
    routes = load(tmp_path, ACCOUNT + text).routes
    assert routes.of("generic") == Route(label="Meh", mark_read=True)
    assert routes.of("boilerplate") == Route()
    assert routes.of("suspicious") == Routes().of("suspicious")


def test_all_faults_come_at_once_each_with_line_key_and_remedy(tmp_path: Path) -> None:
    text = ACCOUNT.replace('user = "dave@example.org"\n', "") + (
        'prot = 143\nport = 70000\nwatch = "idel"\n[ruels]\n[guard]\nmax_moves = "many"\n'
        "[routes]\n"
        'unsure = { move = "Elsewhere" }\n'
        'junk = { move = "Junk" }\n'
    )
    found = [fault.removeprefix("config.toml:") for fault in faults(tmp_path, text)]
    assert found == [
        '1 [accounts.main.user]: is missing. Add user = "dave@example.org".',
        '4 [accounts.main.prot]: unknown key. Did you mean "port"?',
        "5 [accounts.main.port]: 70000 is out of range. Choose a value from 1 to 65535.",
        "6 [accounts.main.watch]: 'idel' is not one of the choices. Did you mean \"idle\"?",
        '7 [ruels]: unknown section. Did you mean "rules"?',
        "9 [guard.max_moves]: is no whole number. Write max_moves = 500.",
        f"11 [routes.unsure]: unsure never moves mail. {STAYS}",
        f"12 [routes.junk]: unknown label. Known here: {', '.join(LABELS)}.",
    ]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ('"hunter2"', "the password itself has no place in this file. Take it out."),
        ("{}", "names 0 places to find the password, not one"),
        ('{ env = "A", keyring = true }', "names 2 places to find the password, not one"),
        ("{ keyring = false }", "says nothing where it is false"),
        ('{ cmd = "pass" }', 'unknown key. Did you mean "command"?'),
        ('{ command = "" }', "is empty"),
        ('{ env = "MY PASSWORD" }', "holds a space"),
        ("{ file = 7 }", "is no text"),
    ],
)
def test_a_password_is_named_and_never_written(tmp_path: Path, password: str, told: str) -> None:
    found = faults(tmp_path, ACCOUNT.replace('{ env = "TRIAGE_PASSWORD" }', password))
    assert any(told in fault for fault in found), found
    assert all(fault.startswith("config.toml:4 [accounts.main.password") for fault in found)
    assert not any("hunter2" in fault for fault in found)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('security = "none"\n', "would send the password unencrypted"),
        ("folders = []\n", "[accounts.main.folders]: is empty"),
        ('folders = ["INBOX", 3]\n', "item 2 is no text"),
        ('ca_file = "nowhere.pem"\n', "there is no such file"),
        ("poll_minutes = nan\n", "nan is out of range"),
        ("prove_minutes = 29\n", "29 is out of range. Choose a value from 0.01 to 20."),
        ("connections = 0\n", "0 is out of range"),
        ("[metrics]\nport = 70000\n", "70000 is out of range"),
        ("poll_minutes = true\n", "is no number"),
        ('[routes]\ngeneric = { flag = "Flagged" }\n', "is no flag of a mailbox"),
        ('[routes]\ngeneric = { flag = "\\\\Deleted" }\n', "would let the server delete"),
        ('[routes]\ngeneric = { label = "\\\\Seen" }\n', "begins with a backslash"),
        ('[routes]\ngeneric = { move = "A//B" }\n', "has an empty level"),
        ('[routes]\ngeneric = { move = "A*" }\n', "holds a wildcard"),
        ('[routes]\ngeneric = { move = "inbox" }\n', "a folder that is watched"),
        ('[routes]\ngeneric = { leave = true, label = "x" }\n', "leave stands beside"),
        ('[routes]\ngeneric = "Junk"\n', "[routes.generic]: is no table"),
        ("[costs]\nunsure = 0\n", "0 is out of range"),
        ('[trust]\nauthserv_ids = "mx.example.org"\n', "is no list of texts"),
        ('[me]\nnames = ["Dave\\u0007"]\n', "item 1 holds a control character"),
    ],
)
def test_what_is_refused(tmp_path: Path, extra: str, told: str) -> None:
    (found,) = faults(tmp_path, ACCOUNT + extra)
    assert told in found


@pytest.mark.parametrize("text", ["accounts = 3", "accounts.main = 3", "routes = []", "me = 1"])
def test_a_section_of_the_wrong_shape_is_a_fault(tmp_path: Path, text: str) -> None:
    (found,) = faults(tmp_path, text)
    assert "is no table" in found


def test_unencrypted_only_towards_this_machine(tmp_path: Path) -> None:
    text = ACCOUNT.replace("imap.example.org", "127.0.0.1") + 'security = "none"\n'
    assert load(tmp_path, text).accounts[0].port == 143
    assert is_loopback("localhost") and is_loopback("::1") and not is_loopback("192.0.2.1")


def test_a_file_that_cannot_be_read_says_what_now(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no config file\. Run triage init .* triage demo"):
        load_settings(tmp_path / "missing.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[me]\nnames = ["Ren\xe9"]')
    with pytest.raises(SettingsError, match=r"latin\.toml:2: is not UTF-8"):
        load_settings(tmp_path / "latin.toml")
    assert faults(tmp_path, "[accounts.main\nhost = 3")[0].startswith("config.toml:1: not valid")


def test_the_example_loads_and_says_everything(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    settings = load(tmp_path, text)
    assert settings.routes == Routes() and settings.costs == Costs()
    assert settings.me.friends == ("Joe Marsh",)
    source = read_toml("example", text)
    assert isinstance(source, TomlSource)
    sections = {
        ("accounts", "main"): schema.ACCOUNT, ("trust",): schema.TRUST, ("me",): schema.ME,
        ("costs",): schema.COSTS, ("rules",): schema.RULES, ("state",): schema.STATE,
        ("guard",): schema.GUARD, ("metrics",): schema.METRICS,
    }  # fmt: skip
    check = schema.Check(source)
    for path, keys in sections.items():
        for key in keys:
            shown = check.value((*path, key.name))
            assert shown is not None or f"# {key.name} = " in text, f"{path} {key.name}"
            if "# yours" not in text.splitlines()[source.line(*path, key.name) - 1]:
                told = key.default in (schema.REQUIRED, None, shown) or path == ("me",)
                assert told or key.default == [], f"{key.name}: the default is {key.default}"
    assert set(check.value(("routes",))) == set(LABELS)
    for key in (*schema.ROUTE, *schema.PASSWORD):
        assert f"{key.name} = " in text


def test_where_the_config_stands() -> None:
    assert default_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/triage/config.toml")
    assert default_path({}) == Path("~/.config/triage/config.toml").expanduser()
