"""The table `[desk]`: what it means, and what it must not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.config import load
from connector.config.desk import is_local
from connector.config.types import Config
from connector.model.durations import Duration
from connector.model.errors import ConfigError

PROXY = 'base_url = "https://b.example"\nsign_in = "proxy"\n[desk.proxy]\n'


def config(folder: Path, table: str) -> Config:
    (folder / "config.toml").write_text(f"version = 1\n[desk]\n{table}", "utf-8")
    return load(folder / "config.toml")


def test_where_nothing_is_said_a_link_opens_it_on_this_machine_alone(tmp_path: Path) -> None:
    desk = config(tmp_path, "").desk
    assert (desk.host, desk.port, desk.sign_in, desk.base_url) == ("127.0.0.1", 8377, "link", "")
    assert (desk.session, desk.idle) == (Duration(12 * 3600), Duration(3600))
    assert is_local(desk)


def test_an_address_is_kept_as_browsers_say_it(tmp_path: Path) -> None:
    desk = config(tmp_path, 'base_url = "https://Baton.Northwind.example:443/"\nsign_in = "logins"').desk
    assert desk.base_url == "https://baton.northwind.example"


@pytest.mark.parametrize(
    "table",
    [
        'host = "::1"', 'host = "localhost"', 'base_url = "http://127.0.0.1:8377/"', 'socket = "run/desk.sock"',
        'base_url = "https://b.example"\nsign_in = "logins"', PROXY + 'trusted = ["10.0.0.0/8"]\nproof = "desk-proxy"',
        'host = "0.0.0.0"\nbase_url = "https://b.example"\nsign_in = "logins"',
        'host = "10.1.2.3"\nsign_in = "logins"\nunencrypted = true',
        'socket = "desk.sock"\nbase_url = "https://b.example"\nsign_in = "proxy"',
    ],
)  # fmt: skip
def test_what_is_safe_is_taken(tmp_path: Path, table: str) -> None:
    assert config(tmp_path, table).desk


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('host = "0.0.0.0"', "config.toml:2: desk.sign_in: a link lets in whoever has it"),
        ('base_url = "https://b.example"', "config.toml:2: desk.sign_in: a link lets in whoever has it"),
        (
            'host = "0.0.0.0"\nsign_in = "logins"',
            "config.toml:2: desk.base_url: beyond this machine the desk needs",
        ),
        (
            'sign_in = "logins"\nbase_url = "http://b.example"',
            "config.toml:4: desk.base_url: passwords and leads",
        ),
        ('host = "baton.example"', "config.toml:3: desk.host: must be an address of this machine"),
        ('base_url = "https://b.example/x"', "config.toml:3: desk.base_url: must be an address without a path"),
        ('base_url = "https://a:b@b.example"', "config.toml:3: desk.base_url: a password does not belong into a file"),
        ('base_url = "javascript:alert(1)"', "config.toml:3: desk.base_url: must be an address without a path"),
        ('base_url = "https://b.example:x"', "config.toml:3: desk.base_url: must be an address without a path"),
        (PROXY + 'proof = "desk-proxy"', "config.toml:5: desk.proxy.trusted: name the addresses"),
        (PROXY + 'trusted = ["127.0.0.1"]', "config.toml:5: desk.proxy.proof: name a secret"),
        (
            PROXY + 'trusted = ["nginx"]\nproof = "x"',
            "config.toml:6: desk.proxy.trusted: must be addresses",
        ),
        (PROXY + 'header = "a b"', "config.toml:6: desk.proxy.header: must be the name of a header"),
        ("port = 70000", "config.toml:3: desk.port:"),
        ('session = "2 working days"', "config.toml:3: desk.session:"),
        ('sign_in = "open"', "config.toml:3: desk.sign_in:"),
    ],
)
def test_what_would_let_in_others_is_told_with_its_place(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config(tmp_path, table)
    assert said in str(raised.value)


def test_hooks_are_of_connections_that_tell_by_themselves(tmp_path: Path) -> None:
    tables = 'hooks = [%s]\n[connections.tasks]\ntype = "clickup"\nleads = "1"\n[connections.exports]\ntype = "desk"\n'
    assert config(tmp_path, tables % '"tasks", "tasks"').desk.hooks == ("tasks",)
    with pytest.raises(ConfigError) as raised:
        config(tmp_path, tables % '"task", "exports"')
    assert "config.toml:3: desk.hooks: unknown connection task; did you mean tasks?" in str(raised.value)
    assert "config.toml:3: desk.hooks: the platform of exports tells nothing by itself" in str(raised.value)
