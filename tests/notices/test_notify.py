from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from connector.edge.notify import Notify
from connector.model.errors import AuthError
from connector.model.notices import Message
from connector.model.outbox import Done, NotExecuted, Refused, Unknown
from tests.notices.servers import Postbox, mail_server

MESSAGE = Message("mail:lena@northwind.example", "Hot lead: 山田", "Two\nlines", "0123abcd")
NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with mail_server(Postbox()) as found:
        yield found


def by_mail(postbox: Postbox) -> Notify:
    return Notify(lambda _name: postbox.url, "mail-server", "baton@northwind.example", lambda: NOW)


class TestMail:
    def test_a_letter_arrives_as_it_was_written_and_has_the_same_id_each_time(self, postbox: Postbox) -> None:
        assert isinstance(by_mail(postbox).send(MESSAGE), Done)
        assert isinstance(by_mail(postbox).send(MESSAGE), Done)
        one, two = postbox.letters
        assert (one["Subject"], one["To"], one["From"]) == (
            "Hot lead: 山田", "lena@northwind.example", "baton@northwind.example",
        )  # fmt: skip
        assert one.get_content().splitlines() == ["Two", "lines"]
        assert one.get_all("Message-ID") == two.get_all("Message-ID") == ["<0123abcd@northwind.example>"]
        assert one["Auto-Submitted"] == "auto-generated"

    def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_not(self, postbox: Postbox) -> None:
        postbox.answers = ["450 4.2.1 later", "550 5.1.1 nobody of that name lena@northwind.example"]
        assert by_mail(postbox).send(MESSAGE) == NotExecuted("the mail server refused it (450)", 60.0)
        assert by_mail(postbox).send(MESSAGE) == Refused("the mail server refused it (550)", "550")

    def test_an_address_that_the_server_cannot_write_is_no_address(self, postbox: Postbox) -> None:
        found = by_mail(postbox).send(Message("mail:jörg@northwind.example", "s", "t", "1"))
        assert isinstance(found, Refused)
        assert "jörg" not in found.reason
        assert postbox.letters == []

    def test_a_line_that_is_cut_leaves_it_unknown(self, postbox: Postbox) -> None:
        postbox.answers = [None]
        assert isinstance(by_mail(postbox).send(MESSAGE), Unknown)
        assert len(postbox.letters) == 1

    def test_no_server_is_not_executed(self) -> None:
        found = Notify(lambda _name: "smtp://127.0.0.1:9", "mail-server", "baton@northwind.example").send(MESSAGE)
        assert found == NotExecuted("the mail server was not reached (ConnectionRefusedError)")

    def test_a_secret_that_is_not_there_waits_for_it(self) -> None:
        def missing(name: str) -> str:
            raise AuthError(name, "there is no such secret", f"baton auth set {name}")

        found = Notify(missing, "mail-server", "baton@northwind.example").send(MESSAGE)
        assert isinstance(found, NotExecuted)
        assert "baton auth set mail-server" in found.reason

    def test_without_a_server_or_a_sender_it_is_refused(self) -> None:
        assert isinstance(Notify(str).send(MESSAGE), Refused)
        assert isinstance(Notify(lambda _name: "smtp://127.0.0.1:9", "mail-server").send(MESSAGE), Refused)

    def test_a_secret_may_be_a_mailbox(self, postbox: Postbox) -> None:
        way = Notify(lambda _name: f"{postbox.url}/ops%40northwind.example", "", "baton@northwind.example")
        assert isinstance(way.send(Message("secret:ops-mail", "s", "t", "1")), Done)
        assert postbox.recipients == [["ops@northwind.example"]]


class TestServices:
    def hook(self, httpserver: HTTPServer) -> Notify:
        return Notify(lambda _name: f"json://127.0.0.1:{httpserver.port}/hook/s3cr3t-token")

    def test_a_web_hook_is_told(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook/s3cr3t-token").respond_with_json({})
        assert isinstance(self.hook(httpserver).send(Message("secret:slack-sdr", "Overdue", "text", "1")), Done)
        [(request, _)] = httpserver.log
        assert (request.json["title"], request.json["message"]) == ("Overdue", "text")

    @pytest.mark.parametrize("status", [429, 500])
    def test_what_was_not_taken_is_unknown(
        self, httpserver: HTTPServer, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        httpserver.expect_request("/hook/s3cr3t-token").respond_with_data("later", status)
        with caplog.at_level(logging.DEBUG):
            found = self.hook(httpserver).send(Message("secret:slack-sdr", "s", "t", "1"))
        assert found == Unknown("the service did not take it, or did not say so")
        ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
        assert "s3cr3t-token" not in repr(ours) + repr(found)

    def test_an_address_of_no_service_is_refused_without_being_told(self, caplog: pytest.LogCaptureFixture) -> None:
        found = Notify(lambda _name: "nothing://s3cr3t-token").send(Message("secret:slack-sdr", "s", "t", "1"))
        assert found == Refused("the secret holds no address of a service that is known")
        assert "s3cr3t-token" not in caplog.text
