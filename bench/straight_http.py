"""The baseline over HTTP: what someone would write in an afternoon for HubSpot to Salesforce, straight down.

requests (one session), orjson and sqlite3. It makes the same calls as Baton (the list of contacts, archived ones,
forms, emails in slices of a week, visits; what Salesforce has; look-ups, leads, tasks, what goes back), and keeps the
same rows in pages of a transaction each. It scores by the rules of `bench.straight`. It resends nothing, knows no
budget, no unknown outcome, no recovery, no other mapping.

    python -m bench.straight_http HUBSPOT SALESFORCE DATABASE
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import orjson
import requests

from bench.straight import COUNTRIES, EMAIL, LEVELS, OWNERS, SCHEMA, score_all
from bench.world import CLIENT_ID, CLIENT_SECRET
from connector.sandbox.hubspot import TOKEN

Found = dict[str, Any]
HISTORY = timedelta(days=180)
SLICE = timedelta(days=7)
VERSION = "/services/data/v62.0/"
READ = (
    ("name.given", "firstname"), ("name.family", "lastname"), ("honorific", "salutation"), ("job_title", "jobtitle"),
    ("language", "hs_language"), ("linkedin", "hs_linkedin_url"), ("persona", "hs_persona"), ("city", "city"),
    ("region", "state"), ("postal_code", "zip"), ("street", "address"), ("company.name", "company"),
    ("company.domain", "website"), ("company.industry", "industry"), ("source", "hs_latest_source"),
    ("first.source", "hs_analytics_source"), ("campaign", "hs_analytics_last_touch_converting_campaign"),
    ("first.campaign", "hs_analytics_first_touch_converting_campaign"),
    ("first.landing_page", "hs_analytics_first_url"), ("first.referrer", "hs_analytics_first_referrer"),
    ("first_touch_at", "createdate"),
)  # fmt: skip
ASKED = [
    "email", "phone", "mobilephone", "country", "ip_country", "ip_state", "ip_city", "numemployees", "annualrevenue",
    "hs_analytics_first_timestamp", "hs_email_optout", "hs_object_id", "hs_analytics_num_visits",
    "engagements_last_meeting_booked", "hs_sales_email_last_replied", "hs_merged_object_ids", "associatedcompanyid",
    *(theirs for _, theirs in READ),
]  # fmt: skip
MIRROR = "create table mirror (object text, id text, body blob, primary key (object, id)) without rowid"
#: What is read of Salesforce, by object, with a few of the fields that the mirror keeps.
CRM = {
    "User": "Id, Email, Name, IsActive, SystemModstamp",
    "Account": "Id, Name, Website, OwnerId, Type, SystemModstamp",
    "Contact": "Id, Email, Phone, FirstName, LastName, AccountId, OwnerId, SystemModstamp",
    "Lead": "Id, Email, Phone, FirstName, LastName, Company, Status, OwnerId, IsConverted, SystemModstamp",
    "Opportunity": "Id, AccountId, OwnerId, StageName, IsClosed, IsWon, Amount, SystemModstamp",
    "Task": "Id, WhoId, OwnerId, Subject, SystemModstamp",
}


class Platform:
    """One platform: a session, and JSON both ways."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        """What a GET answers."""
        answer = self.session.get(self.base + path, params=query, timeout=30)
        answer.raise_for_status()
        return orjson.loads(answer.content)

    def send(self, method: str, path: str, body: Any) -> Any:
        """What a call with a body answers."""
        headers = {"Content-Type": "application/json"}
        answer = self.session.request(method, self.base + path, data=orjson.dumps(body), headers=headers, timeout=30)
        answer.raise_for_status()
        return orjson.loads(answer.content)


def fields_of(row: Found) -> Found:
    """A contact's properties in our words."""
    email = (row.get("email") or "").strip().lower()
    fields: Found = {"email": email} if EMAIL.match(email) else {}
    for ours, theirs in READ:
        if value := (row.get(theirs) or "").strip():
            fields[ours] = value
    if phone := re.sub(r"[^\d+]", "", row.get("phone") or ""):
        fields["phone"] = phone
    if country := COUNTRIES.get((row.get("country") or "").strip()):
        fields["country"] = country
    if size := re.match(r"\d+", row.get("numemployees") or ""):
        fields["company.employees"] = int(size[0])
    title = (row.get("jobtitle") or "").lower()
    fields["job_level"] = next((level for word, level in LEVELS if word in title), "staff")
    fields["company.domain"] = email.partition("@")[2]
    if row.get("hs_email_optout") == "true":
        fields["consent.email"] = False
    return fields


def load_contacts(db: sqlite3.Connection, hubspot: Platform, now: str) -> None:
    """The list of contacts into leads and links, a page a transaction; then those that are archived."""
    next_id, after = 1, ""
    properties = ",".join(dict.fromkeys(ASKED))
    while True:
        query = {"limit": 100, "properties": properties, "archived": "false", **({"after": after} if after else {})}
        body = hubspot.get("/crm/v3/objects/contacts", **query)
        leads, links = [], []
        for one in body["results"]:
            fields = fields_of(one["properties"])
            said = dict.fromkeys(fields, ("hubspot", one.get("updatedAt") or now))
            digest = int.from_bytes(blake2b(orjson.dumps(one["properties"]), digest_size=8).digest()) >> 1
            text = orjson.dumps({"fields": fields, "said": said})
            leads.append((next_id, fields.get("email"), "known", 0, "", 0, text))
            links.append(("hubspot", "contact", one["id"], next_id, digest))
            next_id += 1
        after = ((body.get("paging") or {}).get("next") or {}).get("after", "")
        db.execute("begin immediate")
        db.executemany("insert into lead values (?, ?, ?, ?, ?, ?, ?)", leads)
        db.executemany("insert into link values (?, ?, ?, ?, ?)", links)
        db.execute("insert or replace into cursor values ('contacts', ?)", (after,))
        db.execute("commit")
        if not after:
            break
    hubspot.get("/crm/v3/objects/contacts", limit=100, archived="true")


def submissions(hubspot: Platform) -> Iterator[tuple[str, list[Found]]]:
    """(cursor, submissions) of each form, page by page."""
    for form in hubspot.get("/marketing/v3/forms", limit=500)["results"]:
        after = ""
        while True:
            path = f"/form-integrations/v1/submissions/forms/{form['id']}"
            body = hubspot.get(path, limit=50, **({"after": after} if after else {}))
            rows = []
            for one in body["results"]:
                email = next((pair["value"] for pair in one["values"] if pair["name"] == "email"), "")
                kind = "demo_request" if "demo" in form["name"].lower() else "form_submit"
                key = f"{form['id']}-{email}-{one['submittedAt']}"
                rows.append({"id": key, "email": email, "at": one["submittedAt"], "kind": kind, "url": one["pageUrl"]})
            after = ((body.get("paging") or {}).get("next") or {}).get("after", "")
            yield after, rows
            if not after:
                break


def emails(hubspot: Platform, now: datetime) -> Iterator[tuple[str, list[Found]]]:
    """(cursor, opens and clicks), in slices of a week."""
    since, names = now - HISTORY, dict[int, str]()
    while since < now:
        until, offset = min(since + SLICE, now), ""
        while True:
            bounds = {"startTimestamp": int(since.timestamp() * 1000), "endTimestamp": int(until.timestamp() * 1000)}
            query = {**bounds, "limit": 1000, **({"offset": offset} if offset else {})}
            body = hubspot.get("/email/public/v1/events", **query)
            rows = []
            for one in body["events"]:
                if one["type"] not in ("OPEN", "CLICK") or one.get("filteredEvent"):
                    continue
                campaign = one["emailCampaignId"]
                if campaign not in names:
                    names[campaign] = hubspot.get(f"/email/public/v1/campaigns/{campaign}")["name"]
                kind = "email_open" if one["type"] == "OPEN" else "email_click"
                row = {"id": one["id"], "email": one["recipient"], "at": one["created"], "kind": kind}
                rows.append({**row, "url": one.get("url", ""), "campaign": names[campaign]})
            offset = body["offset"] if body["hasMore"] else ""
            yield offset, rows
            if not offset:
                break
        since = until


def visits(hubspot: Platform, now: datetime) -> Iterator[tuple[str, list[Found]]]:
    """(cursor, visits of pages)."""
    after, since = "", (now - HISTORY).isoformat()
    while True:
        bounds = {"occurredAfter": since, "occurredBefore": now.isoformat(), "limit": 100}
        query = {"objectType": "contact", "eventType": "e_visited_page", **bounds}
        body = hubspot.get("/events/v3/events", **query, **({"after": after} if after else {}))
        rows = []
        for one in body["results"]:
            url = one["properties"].get("hs_url", "")
            at = int(datetime.fromisoformat(one["occurredAt"]).timestamp() * 1000)
            kind = "pricing_view" if "/pricing" in url else "page_view"
            rows.append({"id": one["id"], "contact": one["objectId"], "at": at, "kind": kind, "url": url})
        after = ((body.get("paging") or {}).get("next") or {}).get("after", "")
        yield after, rows
        if not after:
            break


def store(db: sqlite3.Connection, name: str, pages: Iterator[tuple[str, list[Found]]]) -> None:
    """Activities of known people, a page a transaction."""
    for cursor, page in pages:
        by_id = known(db, "link", "external_id", "lead_id", {row["contact"] for row in page if "contact" in row})
        by_email = known(db, "lead", "email", "id", {row["email"].lower() for row in page if "email" in row})
        rows = []
        for row in page:
            lead = by_id.get(row["contact"]) if "contact" in row else by_email.get(row["email"].lower())
            topic = "case-study" if "/case-studies/" in row["url"] else row.get("campaign", "")
            rows.append((lead, row["id"], row["at"] * 1000, row["kind"], topic, row["url"], 0))
        db.execute("begin immediate")
        db.executemany(
            "insert or ignore into activity (lead_id, source_id, at, kind, topic, url, seconds) values (?,?,?,?,?,?,?)",
            rows,
        )
        db.execute("insert or replace into cursor values (?, ?)", (name, cursor))
        db.execute("commit")


def known(db: sqlite3.Connection, table: str, key: str, value: str, wanted: set[str]) -> dict[str, int]:
    """Lead ids by external id or email."""
    marks = ",".join("?" * len(wanted))
    return dict(db.execute(f"select {key}, {value} from {table} where {key} in ({marks})", list(wanted)))


def read_crm(db: sqlite3.Connection, salesforce: Platform, now: datetime) -> None:
    """What Salesforce has, into the mirror."""
    for sobject, fields in CRM.items():
        body = salesforce.get(VERSION + "query", q=f"SELECT {fields} FROM {sobject} ORDER BY SystemModstamp, Id")
        while True:
            db.execute("begin immediate")
            rows = [(sobject, row["Id"], orjson.dumps(row)) for row in body["records"]]
            db.executemany("insert or replace into mirror values (?, ?, ?)", rows)
            db.execute("commit")
            if body["done"]:
                break
            body = salesforce.get(body["nextRecordsUrl"])
    bounds = {"start": (now - timedelta(days=14)).isoformat("T", "seconds"), "end": now.isoformat("T", "seconds")}
    for sobject in ("Lead", "Contact", "Account", "Opportunity"):
        salesforce.get(f"{VERSION}sobjects/{sobject}/deleted", **bounds)


def hand_over(db: sqlite3.Connection, salesforce: Platform, ranked: list[Any], moment: int) -> None:
    """A lead and a task for each, two hundred a call."""
    found = db.execute("select id, body from mirror where object = 'User'")
    users = {orjson.loads(body)["Email"]: id for id, body in found}
    for start in range(0, len(ranked), 100):
        some = ranked[start : start + 100]
        addresses = ",".join(f"'{fields.get('email', '')}'" for _, _, fields in some)
        for sobject in ("Contact", "Lead"):
            salesforce.get(VERSION + "query", q=f"SELECT {CRM[sobject]} FROM {sobject} WHERE Email IN ({addresses})")
    for start in range(0, len(ranked), 200):
        some = ranked[start : start + 200]
        leads = [lead_of(lead_id, fields, users[OWNERS[n % 2]]) for n, (_, lead_id, fields) in enumerate(some, start)]
        outbox(db, [(f"lead-{lead_id}", lead) for (_, lead_id, _), lead in zip(some, leads, strict=True)])
        body = {"allOrNone": False, "records": leads}
        made = salesforce.send("PATCH", VERSION + "composite/sobjects/Lead/Baton_Id__c", body)
        tasks = [
            {"attributes": {"type": "Task"}, "WhoId": one["id"], "OwnerId": lead["OwnerId"], "Subject": "Call"}
            for one, lead in zip(made, leads, strict=True)
        ]
        settle(db, [(f"lead-{lead_id}", one["id"]) for (_, lead_id, _), one in zip(some, made, strict=True)], leads)
        outbox(db, [(f"task-{lead_id}", task) for (_, lead_id, _), task in zip(some, tasks, strict=True)])
        done = salesforce.send("POST", VERSION + "composite/sobjects", {"allOrNone": False, "records": tasks})
        settle(db, [(f"task-{lead_id}", one["id"]) for (_, lead_id, _), one in zip(some, done, strict=True)], tasks)
        db.execute("begin immediate")
        rows = [(lead_id, OWNERS[n % 2], moment, total) for n, (total, lead_id, _) in enumerate(some, start)]
        db.executemany("insert into handoff (lead_id, owner, at, total) values (?, ?, ?, ?)", rows)
        db.execute("commit")


def tell(db: sqlite3.Connection, hubspot: Platform) -> None:
    """Score, grade and stage of those that came further, to HubSpot."""
    rows = db.execute(
        "select external_id, stage, total, grade, lead_id from lead join link on link.lead_id = lead.id "
        "where stage != 'known' order by lead_id"
    ).fetchall()
    for start in range(0, len(rows), 100):
        some = rows[start : start + 100]
        inputs = [
            {"id": id, "properties": {"baton_score": str(total), "baton_grade": grade, "baton_stage": stage}}
            for id, stage, total, grade, _ in some
        ]
        outbox(db, [(f"contact-{row[4]}", one) for row, one in zip(some, inputs, strict=True)])
        hubspot.send("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": inputs})
        settle(db, [(f"contact-{row[4]}", row[0]) for row in some], inputs)


def lead_of(lead_id: int, fields: Found, owner: str) -> Found:
    """A lead as Salesforce wants it."""
    return {
        "attributes": {"type": "Lead"}, "Baton_Id__c": f"straight-{lead_id}", "OwnerId": owner,
        "LastName": fields.get("name.family", "?"), "FirstName": fields.get("name.given"), "Email": fields.get("email"),
        "Company": fields.get("company.name", "?"), "Title": fields.get("job_title"), "Phone": fields.get("phone"),
    }  # fmt: skip


def outbox(db: sqlite3.Connection, rows: list[tuple[str, Found]]) -> None:
    """Rows that are about to be sent."""
    db.execute("begin immediate")
    made = [(key, orjson.dumps(body)) for key, body in rows]
    db.executemany("insert into outbox (key, body, state) values (?, ?, 'sent')", made)
    db.execute("commit")


def settle(db: sqlite3.Connection, done: list[tuple[str, str]], bodies: list[Found]) -> None:
    """What was acknowledged."""
    db.execute("begin immediate")
    db.executemany("update outbox set state = 'done' where key = ?", [(key,) for key, _ in done])
    receipts = [(key, id, orjson.dumps(body)) for (key, id), body in zip(done, bodies, strict=True)]
    db.executemany("insert into receipt values (?, ?, ?)", receipts)
    db.execute("commit")


def signed_in(base: str) -> Platform:
    """Salesforce, by client credentials."""
    form = f"grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={quote(CLIENT_SECRET)}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{base}/services/oauth2/token", data=form, headers=headers, timeout=30)
    answer.raise_for_status()
    told = orjson.loads(answer.content)
    return Platform(told["instance_url"], told["access_token"])


def main() -> None:
    """Run it: the two addresses, and the database to write."""
    now = datetime.now(UTC)
    hubspot, salesforce = Platform(sys.argv[1], TOKEN), signed_in(sys.argv[2])
    db = sqlite3.connect(sys.argv[3], isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = normal")
    db.executescript(SCHEMA)
    db.execute(MIRROR)
    db.execute("create index link_id on link (external_id)")
    db.execute("create index link_lead on link (lead_id)")
    read_crm(db, salesforce, now)
    load_contacts(db, hubspot, now.isoformat())
    store(db, "forms", submissions(hubspot))
    store(db, "emails", emails(hubspot, now))
    store(db, "visits", visits(hubspot, now))
    ranked = score_all(db, now)
    hand_over(db, salesforce, ranked, int(now.timestamp() * 1_000_000))
    tell(db, hubspot)
    sys.stdout.write(f"leads {db.execute('select count(*) from lead').fetchone()[0]}, qualified {len(ranked)}\n")


if __name__ == "__main__":
    main()
