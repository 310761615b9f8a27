"""Which addresses are this machine's, and where a secret may be sent."""

from __future__ import annotations

import pytest

from connector.model.addresses import base_address, is_this_machine, keeps_secrets


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.3", "::1", "localhost"])
def test_this_machine_is_known_by_each_of_its_names(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "::"])
def test_no_other_host_is_taken_for_it(host: str) -> None:
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    "address",
    ["http://api.example", "http://127.0.0.1.evil.example", "http://127.0.0.1@api.example", "ftp://localhost", ""],
)
def test_no_secret_goes_out_without_tls(address: str) -> None:
    assert not keeps_secrets(address)
    with pytest.raises(ValueError, match="begins with https"):
        base_address(address)


def test_by_https_it_may_go_anywhere_and_by_http_to_this_machine() -> None:
    assert base_address("https://api.example/v1/") == "https://api.example/v1"
    assert base_address("http://[::1]:8080") == "http://[::1]:8080"
