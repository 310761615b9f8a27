from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connector.edge.jwt import GRANT, assertion
from connector.model.http import JwtBearer, TokenCall
from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import Org
from tests.servers.salesforce_org import API, Served, connected_app, private_key, serving

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(Org(Clock(NOW)), connected_app(rotates=True)) as one:
        yield one


def asked(served: Served, form: dict[str, str], status: int = 200) -> dict[str, Any]:
    answer = requests.post(f"{served.url}/services/oauth2/token", data=form, timeout=30)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def signed(
    served: Served, claims: dict[str, str] | None = None, *, at: datetime = NOW, status: int = 200
) -> dict[str, Any]:
    said = {"client_id": "baton-sandbox", "subject": "baton@northwind.example", "audience": served.url}
    text = assertion(JwtBearer(TokenCall(""), **(said | (claims or {}))), private_key(), at)
    return asked(served, {"grant_type": GRANT, "assertion": text}, status)


def limits(served: Served, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{served.url}{API}/limits", headers=headers, timeout=30).status_code


def test_a_signed_statement_opens_a_session(served: Served) -> None:
    told = signed(served)
    assert told["instance_url"] == served.url
    assert told["id"] == f"{served.url}/id/{served.org.id}/{served.org.api_user}"
    assert told["token_type"] == "Bearer"
    assert "expires_in" not in told
    assert limits(served, told["access_token"]) == 200
    assert "access_token" in signed(served, {"audience": "https://login.salesforce.com"})


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"client_id": "another"}, ("invalid_client_id", "client identifier invalid")),
        ({"subject": "lena@northwind.example"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"audience": "https://elsewhere.example"}, ("invalid_grant", "audience is invalid")),
    ],
)
def test_a_statement_about_something_else_is_refused(
    served: Served, claims: dict[str, str], error: tuple[str, str]
) -> None:
    told = signed(served, claims, status=400)
    assert (told["error"], told["error_description"]) == error


def test_an_old_a_long_lived_and_a_forged_statement_are_refused(served: Served) -> None:
    for minutes in (-5, 5):
        told = signed(served, at=NOW + timedelta(minutes=minutes), status=400)
        assert told["error_description"] == "expired assertion"
    kind = JwtBearer(TokenCall(""), "baton-sandbox", "baton@northwind.example", served.url)
    head, claims, signature = assertion(kind, private_key(), NOW).split(".")
    forged = f"{head}.{claims}.{signature[:-8]}AAAAAAAA"
    for text in (forged, f"{head}..x", "nonsense"):
        told = asked(served, {"grant_type": GRANT, "assertion": text}, 400)
        assert (told["error"], told["error_description"]) == ("invalid_grant", "invalid assertion")
    assert served.description.problems == ["POST /services/oauth2/token: an assertion has three parts"]
    served.description.problems.clear()


def test_client_credentials_need_the_right_ones(served: Served) -> None:
    form = {"grant_type": "client_credentials", "client_id": "baton-sandbox", "client_secret": "baton-sandbox-secret"}
    assert "access_token" in asked(served, form)
    assert asked(served, form | {"client_secret": "wrong"}, 400)["error"] == "invalid_client"
    assert asked(served, form | {"client_id": "another"}, 400)["error"] == "invalid_client_id"
    served.org.deactivate(served.org.api_user)
    assert asked(served, form, 400)["error"] == "inactive_user"


def test_a_rotating_refresh_token_is_good_for_one_use(served: Served) -> None:
    form = {"grant_type": "refresh_token", "client_id": "baton-sandbox"}
    first = asked(served, form | {"refresh_token": "baton-sandbox-refresh"})
    told = asked(served, form | {"refresh_token": "baton-sandbox-refresh"}, 400)
    assert (told["error"], told["error_description"]) == ("invalid_grant", "expired access/refresh token")
    second = asked(served, form | {"refresh_token": first["refresh_token"]})
    assert second["refresh_token"] != first["refresh_token"]
    served.app.rotates = False
    assert "refresh_token" not in asked(served, form | {"refresh_token": second["refresh_token"]})


def test_other_grants_are_not_known(served: Served) -> None:
    assert asked(served, {"grant_type": "password"}, 400)["error"] == "unsupported_grant_type"
    assert served.description.problems == ["POST /services/oauth2/token: no grant type 'password'"]
    served.description.problems.clear()


def test_a_session_ends_with_time_and_by_an_admin(served: Served) -> None:
    token = signed(served)["access_token"]
    served.org.clock.move(7199)
    assert limits(served, token) == 200
    served.org.clock.move(1)
    answer = requests.get(f"{served.url}{API}/limits", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    fresh = signed(served, at=served.org.clock.now())["access_token"]
    served.org.end_sessions()
    assert limits(served, fresh) == 401
    assert limits(served, signed(served, at=served.org.clock.now())["access_token"]) == 200


def test_userinfo_says_whose_token_it_is(served: Served) -> None:
    url, token = f"{served.url}/services/oauth2/userinfo", signed(served)["access_token"]
    told = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30).json()
    assert (told["organization_id"], told["user_id"]) == (served.org.id, served.org.api_user)
    refused = requests.get(url, headers={"Authorization": "Bearer nonsense"}, timeout=30)
    assert (refused.status_code, refused.text) == (403, "Bad_OAuth_Token")
