"""The port `Admin`: the store itself."""

from __future__ import annotations

import re

from connector.model.ports import Store


class TestAdmin:
    def test_a_store_has_a_name_of_six_letters_and_digits(self, store: Store) -> None:
        with store.read() as tx:
            name = tx.admin.store_id()
            assert re.fullmatch("[a-z0-9]{6}", name)
        with store.read() as tx:
            assert tx.admin.store_id() == name

    def test_words_are_kept(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.admin.meta("theme") == ""
            tx.admin.set_meta("theme", "light")
            tx.admin.set_meta("theme", "dark")
            assert tx.admin.meta("theme") == "dark"

    def test_words_by_the_beginning_of_their_names(self, store: Store) -> None:
        words = {"token:a": "1", "token:b": "2", "token:c": "", "Token:d": "3", "tokens": "4", "token%": "5"}
        with store.write() as tx:
            for name, value in words.items():
                tx.admin.set_meta(name, value)
            assert tx.admin.metas("token:") == {"token:a": "1", "token:b": "2"}
            assert tx.admin.metas("token%") == {"token%": "5"}
            assert tx.admin.metas("nothing") == {}
            assert {"product", "tokens", "Token:d"} <= tx.admin.metas("").keys()

    def test_the_first_account_of_a_connection_is_remembered(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.admin.remember_account("hubspot", "portal 1") == "portal 1"
            assert tx.admin.remember_account("hubspot", "portal 2") == "portal 1"
            assert tx.admin.remember_account("salesforce", "org 7") == "org 7"
