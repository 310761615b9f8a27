"""The port `Links`: by lead, and forgotten."""

from __future__ import annotations

from collections.abc import Callable

from connector.model.lead import Lead, Link
from connector.model.ports import Store

AddLeads = Callable[..., list[Lead]]


class TestLinks:
    def test_by_lead_and_connection(self, store: Store, add_leads: AddLeads) -> None:
        one, two, three = (lead.id for lead in add_leads(3))
        links = [
            Link("crm", "lead", "00Q1", one, 5, "hubspot"),
            Link("hubspot", "contact", "1", one),
            Link("hubspot", "contact", "2", two),
        ]
        with store.write() as tx:
            tx.intake.put_links(links)
            assert tx.intake.links_of([one, two, three]) == {one: links[:2], two: links[2:]}
            assert tx.intake.links_of([one, two], "hubspot") == {one: links[1:2], two: links[2:]}
            assert tx.intake.links_of([two], "crm") == {}
