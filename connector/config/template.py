"""What `baton init` writes: a small configuration that runs as it is, commented for whoever edits it."""

from __future__ import annotations

CONFIG = """\
# Leads from exported files, handed over on Baton's own desk.
# Prove it: baton check      Every setting there is: baton schema, config.example.toml
version  = 1
language = "en"                       # en | ja: briefs, desk, notices
timezone = "UTC"                      # of dates without a zone, such as "Europe/Berlin"
region   = ""                         # of phone numbers without a country code, such as "DE"

[connections.exports]                 # where leads come from; the name is yours
type     = "files"
contacts = "exports/contacts.csv"     # CSV or JSONL; several: "exports/contacts-*.csv"
# activities = "exports/activities.csv"   # what they did, a row each
mapping  = "mappings/exports.toml"    # what your columns are called

[connections.desk]                    # where leads are handed over: the desk that comes with Baton
type     = "desk"

# In their place, platforms. To try them: baton sandbox pair. Each needs: baton auth list, baton setup NAME
# [connections.hubspot]
# type      = "hubspot"
# account   = "4711001"               # portal id
# [connections.salesforce]
# type      = "salesforce"
# account   = "00D5g00000ABCDE"       # the org's id
# client_id = "3MVG9consumer.key"     # of the app made for Baton
# username  = "baton@example.com"     # whom it acts as

[teams.sales]                         # who takes turns
manager  = "manager@example.com"
members  = [
  { email = "first@example.com" },
  { email = "second@example.com" },
]

[flows.main]
sources  = ["exports"]
crm      = "desk"
mode     = "observe"                  # observe: decide, write nothing | review: you release each | live
required = ["email"]                  # what lacks one of these waits in: baton errors
# start  = 2026-12-07                 # who was over the line before this day is scored, but not handed over
# handoffs_per_day = 20               # the rest waits, best first

# Points and gates: as nothing is said here, the shipped ones hold (see config.example.toml):
# a demo request within 30 days, or a company that fits, interest shown, and 50 points.

[flows.main.routing]                  # the first rule that holds decides
order = [
  # { when = { field = "country", in = ["DE", "AT", "CH"] }, to = "sales" },
  { to = "sales" },
]
"""

MAPPING = """\
# Left is ours, right are the columns of your files. Baton knows the usual names already
# (baton fields exports shows what it found): say here only what differs.

[read]
# job_title           = "Position"
# "company.employees" = { from = "Size", ranges = "low" }      # "100-499" -> 100

# [[activities]]                      # which event is which kind of activity; the first that matches counts
# event = "form"
# form  = "*demo*"
# kind  = "demo_request"
"""


def starter() -> dict[str, str]:
    """The files of a first configuration: the text of each by its name in the folder."""
    return {"config.toml": CONFIG, "mappings/exports.toml": MAPPING}
