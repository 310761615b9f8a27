"""Writing opportunities with their parties, and notes, one call after the other.

A party that is reached by the lead's address is met; otherwise one is made, which carries our key as an identifier, so
that it is found where the call that makes the opportunity did not come about. What fails within a call has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters._tryton.api import NO_RIGHT, Rest, read_error
from adapters._tryton.preparing import category, company, sees_company
from adapters._tryton.records import CATEGORY, KEY, LEAD, NOTE, OF_PARTY, PARTY, PLACED, REACHED
from adapters._tryton.values import first, same, sent
from connector.model import sentences
from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import AuthError, BatonError, RetryableError
from connector.model.http import Answer, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown
from connector.model.refusals import RefusalKind

NO_FIELD, NOT_OURS, CHOICE, WRONG, FIELD = "NO_FIELD", "NOT_WRITABLE", "NOT_A_CHOICE", "WRONG_VALUE", "FIELD"
#: Codes of refusals that are about the value of one field alone: they are our own, Tryton has none.
FIELD_CODES = frozenset({NO_FIELD, NOT_OURS, CHOICE, WRONG, FIELD})
REFUSAL_KINDS: Mapping[str, RefusalKind] = {
    NO_FIELD: "no_field", NOT_OURS: "no_field", CHOICE: "choice", WRONG: "wrong_type", FIELD: "wrong_type",
    "REFUSED": "rule",
}  # fmt: skip
#: No call begins later than this after the first, so that the last one ends within the declared deadline.
LAST_START = timedelta(seconds=15)
#: What a list of marketing is here: a category of its name, below no other one.
MEMBERSHIP = "membership"
#: What a note can hang on.
_RESOURCES = {"lead": LEAD, "opportunity": LEAD, "contact": PARTY}


class StoppedError(Exception):
    """What ends the work on an item: with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Writer:
    """Writes one batch. `told` are the fields of opportunities."""

    def __init__(self, rest: Rest, told: Callable[[], Mapping[str, Any]], now: Callable[[], datetime]) -> None:
        self.rest, self._told, self._now = rest, told, now
        self._until = now() + LAST_START
        self._any = False

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """One outcome for each item. Raises AuthError where nothing was executed."""
        return [self._one(item) for item in items]

    def _one(self, item: WriteItem) -> Outcome:
        try:
            if item.object == "note":
                return self._note(item)
            if item.object == "contact":
                return self._contact(item)
            if item.object == MEMBERSHIP:
                return self._membership(item)
            if item.object != "lead":
                return Refused(sentences.NO_SUCH_KIND % {"object": item.object}, "UNKNOWN_OBJECT")
            return self._lead(item)
        except StoppedError as stopped:
            return stopped.outcome
        except AuthError as error:
            if not self._any:
                raise
            return NotExecuted(str(error))
        except RetryableError as error:
            return NotExecuted(str(error), error.retry_after)
        except BatonError as error:
            return NotExecuted(str(error))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # Something was read that is no answer: what is sent is understood, or its outcome unknown.
            return NotExecuted(type(error).__name__)

    def _lead(self, item: WriteItem) -> Outcome:
        own = self._own(item.values)
        of_party = {name: str(value or "") for name, value in item.values.items() if name in OF_PARTY}
        if item.crm_id:
            if of_party:
                own |= self._changed_party(item, of_party)
            answer = self._send("PUT", f"{LEAD}/{item.crm_id}", own, item) if own else {"id": item.crm_id}
        else:
            own[KEY] = item.our_key
            if any(of_party.values()):
                own |= self._party(item, of_party)
            answer = self._send(
                "POST", f"{LEAD}?f={KEY}", {name: one for name, one in own.items() if one is not None}, item
            )
        return Done(str(answer["id"]))

    def _own(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the opportunity itself. Raises StoppedError for one that it does not have or take."""
        told, own = self._told(), {}
        for name, value in given.items():
            if name in OF_PARTY:
                continue
            if name not in told:
                raise StoppedError(Refused(f"{name}: {sentences.NO_SUCH_FIELD}", NO_FIELD, name))
            if told[name]["readonly"]:
                raise StoppedError(Refused(f"{name}: {sentences.NOT_WRITABLE}", NOT_OURS, name))
            own[name] = self._currency(value) if name == "currency" and value else self._value(told[name], name, value)
        return own

    def _value(self, told: Mapping[str, Any], name: str, value: Any) -> Any:
        choices = [word for word, _ in told.get("selection") or ()] if told["type"] == "selection" else []
        if choices and value not in choices:
            raise StoppedError(Refused(f"{name}: {_among(choices)}", CHOICE, name))
        try:
            return sent(told["type"], value)
        except ValueError:
            raise StoppedError(
                Refused(f"{name}: {sentences.VALUE_REFUSED % {'code': told['type']}}", WRONG, name)
            ) from None

    def _currency(self, code: Any) -> int:
        found = {one["code"]: one["id"] for one in self.rest.search("currency.currency", [], ["code"])}
        if code not in found:
            raise StoppedError(Refused(f"currency: {_among(sorted(found))}", CHOICE, "currency"))
        return int(found[code])

    # the party

    def _party(self, item: WriteItem, given: Mapping[str, str]) -> dict[str, Any]:
        """The party and how it is reached: the one that is there already, or one that is made."""
        reached: list[Any] = [["identifiers.code", "=", item.our_key]]
        if email := given.get("party.email"):
            reached.append(["contact_mechanisms", "where", [["type", "=", "email"], same(email)]])
        names = ("contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.active")
        found = self.rest.search(PARTY, [["active", "=", True], ["OR", *reached]], names, size=50, lane=item.lane)
        # Whoever uses the address, before those with whom it is out of use.
        using = [one for one in found if any(way["active"] for way in _ways(one, email))]
        there = using or found
        party = there[0] if there else self._made(item, given)
        held = _ways(party, email) or [first(party["contact_mechanisms"], "email")]
        return {"party": party["id"], "contact": held[0].get("id")}

    def _made(self, item: WriteItem, given: Mapping[str, str]) -> Mapping[str, Any]:
        name = given.get("party.name") or given.get("contact.name") or given.get("party.email") or item.our_key
        person = given.get("contact.name") or None
        body = {
            "name": name,
            "identifiers": [["create", [{"code": item.our_key}]]],
            "contact_mechanisms": [["create", [
                {"type": kind, "value": given[ours], "name": person if kind == "email" else None}
                for ours, kind in REACHED.items() if given.get(ours)
            ]]],
            "addresses": [["create", [self._address(given)]]],
        }  # fmt: skip
        asked = "?" + "&".join(f"f=contact_mechanisms.{name}" for name in ("type", "value"))
        return self._send("POST", PARTY + asked, body, item)

    def _address(self, given: Mapping[str, str]) -> dict[str, Any]:
        told = {name: given[ours] or None for ours, name in PLACED.items() if ours in given}
        if code := told.pop("country", None):
            found = self.rest.search("country.country", [["code", "=", code.upper()]], ["code"], size=1)
            told |= {"country": found[0]["id"]} if found else {}
        return told

    def _changed_party(self, item: WriteItem, given: Mapping[str, str]) -> dict[str, Any]:
        """Write what stands in the party of an opportunity; make the party where it has none."""
        names = ("party.contact_mechanisms.type", "party.contact_mechanisms.active", "party.addresses.city", "contact")
        found = self.rest.search(LEAD, [["id", "=", int(item.crm_id)]], names, lane=item.lane)
        if not found:
            raise StoppedError(self._hidden() or Refused(sentences.GONE, "NOT_FOUND"))
        party = found[0]["party"]
        if not party:
            return self._party(item, given) if any(given.values()) else {}
        orders = [order for ours, kind in REACHED.items() if ours in given
                  for order in _order(first(party["contact_mechanisms"], kind), kind, given[ours])]  # fmt: skip
        if "contact.name" in given and found[0]["contact"]:
            orders.append(["write", [found[0]["contact"]], {"name": given["contact.name"] or None}])
        body: dict[str, Any] = {"contact_mechanisms": orders} if orders else {}
        if "party.name" in given:
            body["name"] = given["party.name"] or None
        if placed := self._address(given):
            held = party["addresses"]
            body["addresses"] = [["write", [held[0]["id"]], placed] if held else ["create", [placed]]]
        self._send("PUT", f"{PARTY}/{party['id']}", body, item)
        return {}

    def _contact(self, item: WriteItem) -> Outcome:
        """Put a party into a child of each category that is named, and out of its other children."""
        if not item.crm_id:
            return Refused(sentences.ONLY_BY_ID, "NO_ID")
        orders: list[Any] = []
        for name, value in item.values.items():
            if not name.startswith(CATEGORY):
                return Refused(f"{name}: {sentences.NO_SUCH_FIELD}", NO_FIELD, name)
            above = name.removeprefix(CATEGORY)
            there = self.rest.search("party.category", [["parent.name", "=", above]], ["name"])
            held = {one["name"]: one["id"] for one in there}
            orders.append(["remove", [id for child, id in held.items() if child != str(value)]])
            if value not in (None, ""):
                orders.append(["add", [held.get(str(value)) or self._category(item, above, str(value))]])
        return Done(str(self._send("PUT", f"{PARTY}/{item.crm_id}", {"categories": orders}, item)["id"]))

    def _membership(self, item: WriteItem) -> Outcome:
        """Put a party into the category of a list's name, or take it out; nobody is in one that is not there."""
        name, party = place_of(item)
        joins = bool(item.values.get("member"))
        held = [one["id"] for one in category(self.rest, name)]
        if joins and not held:
            held = [self._send("POST", "party.category", {"name": name}, item)["id"]]
        if held:
            self._send("PUT", f"{PARTY}/{party}", {"categories": [["add" if joins else "remove", held]]}, item)
        return Done(f"{name}:{party}")

    def _category(self, item: WriteItem, above: str, name: str) -> int:
        found = category(self.rest, above)
        parent = found[0] if found else self._send("POST", "party.category", {"name": above}, item)
        return int(self._send("POST", "party.category", {"name": name, "parent": parent["id"]}, item)["id"])

    # notes

    def _note(self, item: WriteItem) -> Outcome:
        if not item.parent_id:
            return Refused(sentences.PARENT_NOT_WRITTEN, "NO_PARENT")
        text = str(item.values.get(NOTE) or "").rstrip()
        body = {"resource": _resource(item), NOTE: f"{text}\n\n{item.our_key}"}
        if item.crm_id:
            return Done(str(self._send("PUT", f"ir.note/{item.crm_id}", {NOTE: body[NOTE]}, item)["id"]))
        self._opened_again(item)
        return Done(str(self._send("POST", "ir.note", body, item)["id"]))

    def _opened_again(self, item: WriteItem) -> None:
        """A brief on an opportunity that had been given up makes it a lead again: nobody works on what is lost."""
        over = [["id", "=", int(item.parent_id)], ["state", "in", ["lost", "cancelled"]]]
        if _RESOURCES.get(item.parent_object, LEAD) == LEAD and self.rest.search(LEAD, over, ["state"], lane=item.lane):
            self._answered("POST", f"{LEAD}/{item.parent_id}/lead", {}, item)

    @staticmethod
    def notes_of(item: FindItem) -> list[Any]:
        """The domain of the notes that a look-up means."""
        return [["id", "=", int(item.crm_id)]] if item.crm_id else [["resource", "=", _resource(item)]]

    # calls

    def _send(self, method: Any, path: str, body: Any, item: WriteItem) -> Mapping[str, Any]:
        """What is there now. Raises StoppedError for everything that is not done, AuthError."""
        answer = self._answered(method, path, body, item)
        told = answer.json() if answer.body else None
        if not isinstance(told, Mapping) or not told.get("id"):
            raise StoppedError(Unknown(sentences.ANSWER_DOES_NOT_MATCH))
        return told

    def _answered(self, method: Any, path: str, body: Any, item: WriteItem) -> Answer:
        if self._now() > self._until:
            raise StoppedError(NotExecuted(sentences.NO_TIME_LEFT, 0.0))
        about = tuple(filter(None, (item.our_key, item.crm_id)))
        asked = Request(method, f"/{path}", json=body, headers=self.rest.headers, lane=item.lane, about=about)
        answer = self.rest.http.send(asked)
        if not isinstance(answer, Answer):
            raise StoppedError(answer)
        if answer.status >= 300:
            raise StoppedError(self._refusal(answer))
        self._any = True
        return answer

    def _refusal(self, answer: Answer) -> Outcome:
        """Why Tryton says no: by the label of the field that it names, where it names one."""
        try:
            code, words, label = read_error(answer.json())
        except ValueError:
            code, words, label = "", "", ""
        if answer.status == 403 or code == NO_RIGHT:
            said = {"status": answer.status, "words": words}
            return NotExecuted(sentences.PLATFORM_REFUSED_US % said)
        if answer.status == 404:
            return self._hidden() or Refused(sentences.GONE, "NOT_FOUND")
        if words.startswith("You are not allowed ") and (hidden := self._hidden()):
            return hidden
        name = next((name for name, one in self._told().items() if label and one["string"] == label), "")
        return Refused(words or str(answer.status), FIELD if name else code or str(answer.status), name)

    def _hidden(self) -> NotExecuted | None:
        """What comes of a write where our user may not see the company; None where it may."""
        if sees_company(self.rest):
            return None
        return NotExecuted(sentences.NO_RIGHT_THERE % {"object": company(self.rest)})


def place_of(item: WriteItem | FindItem) -> tuple[str, str]:
    """(list, party): of its values, else of our key, which is `list:party`."""
    values = item.values if isinstance(item, WriteItem) else {}
    name, _, party = item.our_key.rpartition(":")
    return str(values.get("list") or name), str(values.get("contact") or party)


def _ways(party: Mapping[str, Any], email: str | None) -> list[Mapping[str, Any]]:
    """The contact mechanisms of this value, those in use first."""
    wanted = (email or "").casefold()
    held = [one for one in party["contact_mechanisms"] if str(one["value"]).casefold() == wanted]
    return sorted(held, key=lambda one: not one.get("active", True))


def _among(choices: Sequence[str]) -> str:
    return sentences.CHOICES_THERE % {"choices": ", ".join(choices)}


def _order(held: Mapping[str, Any], kind: str, value: str) -> list[Any]:
    """What is done to the contact mechanism of a type."""
    if not value:
        return [["delete", [held["id"]]]] if held else []
    return [["write", [held["id"]], {"value": value}]] if held else [["create", [{"type": kind, "value": value}]]]


def _resource(item: WriteItem | FindItem) -> str:
    return f"{_RESOURCES.get(item.parent_object, LEAD)},{item.parent_id}"
