"""The configuration that goes with the sample: what an admin of that firm would have written."""

from __future__ import annotations

MAPPING = """\
# What the export calls things. Left is ours, right is theirs.
[contact]
id          = "Contact ID"
modified_at = "Changed"

[read]
"name.given"        = "First name"
"name.family"       = "Last name"
"name.reading"      = "Name (reading)"
email               = "Email"
phone               = "Phone"
job_title           = "Job title"
"company.name"      = "Company"
"company.domain"    = "Website"
"company.employees" = { from = "Company size", as = "integer", ranges = "low" }    # "100-499" -> 100
"company.industry"  = "Industry"
country             = { from = "Country", as = "country" }
city                = "City"
postal_code         = "Postal code"
language            = "Language"
source              = { from = "Source", table = "source" }
medium              = "Medium"
campaign            = "Campaign"
"first.source"      = { from = "First source", table = "source" }
landing_page        = "Landing page"
"consent.email"     = { from = "Mail consent", as = "boolean" }
"consent.at"        = { from = "Consent date", as = "datetime" }
"custom.tool"       = "Current tool"

[tables.source]                       # no "*" line: a value that is not here is set aside and shown
ORGANIC_SEARCH  = "organic"
PAID_SEARCH     = "paid"
SOCIAL_MEDIA    = "social"
EMAIL_MARKETING = "email"
REFERRALS       = "referral"
EVENTS          = "event"
DIRECT_TRAFFIC  = "direct"

[event]
id       = "Event ID"
person   = "Contact ID"
at       = "Time"
event    = "Event"
page     = "Page"
form     = "Form"
asset    = "Asset"
seconds  = "Seconds"
campaign = "Campaign"
answers  = ["Budget", "Timeline", "Current tool"]

[[activities]]                        # the first that matches decides
event = "Form submission"
form  = ["Request a demo", "Demo anfragen", "デモのお申し込み"]
kind  = "demo_request"
keep_answers = ["Budget", "Timeline", "Current tool"]    # into the brief: nothing is asked twice
[[activities]]
event = "Form submission"
page  = "*/resources/case-studies/*"
kind  = "download"
topic = "case-study"
[[activities]]
event = "Form submission"
page  = "*/webinars/*"
kind  = "webinar_register"
[[activities]]
event = "Form submission"
kind  = "form_submit"
[[activities]]
event = "Webinar attendance"
kind  = "webinar_attend"
[[activities]]
event = "Page view"
page  = ["*/pricing*", "*/de/preise*", "*/ja/price*"]
kind  = "pricing_view"
[[activities]]
event = "Page view"
kind  = "page_view"
[[activities]]
event = "Session"
kind  = "visit"
[[activities]]
event = "Email open"
kind  = "email_open"
[[activities]]
event = "Email click"
kind  = "email_click"
[[activities]]
event = "Unsubscribe"
kind  = "unsubscribe"
"""

_CONFIG = """\
# Haulmere makes software for planning production. Its marketing platform exports two files a night.
version  = 1
language = "{language}"
timezone = "{timezone}"
region   = "{region}"
{currency}
[connections.exports]
type       = "files"
contacts   = "contacts.csv"
activities = "activities.csv"
mapping    = "mappings/exports.toml"
{earlier}
[connections.desk]                    # the CRM for those who have none
type = "desk"

{teams}
[flows.b2b]                           # criteria that are not given are the shipped ones
sources = [{sources}]
crm     = "desk"
mode    = "live"

[flows.b2b.routing]
order = [
{order}
]
{goals}"""
_EARLIER = """
[connections.earlier]                 # what was exported in the quarter before, a day a file
type       = "files"
contacts   = "earlier/contacts-*.csv"
activities = "earlier/activities-*.csv"
mapping    = "mappings/exports.toml"
"""
_GOALS = """
[goals]
"{qualified}" = {{ count = "mql", at_least = 35, per = "month", owner = "{manager}" }}
"{closed}" = {{ rate = ["mql", "won"], at_least = "15 %", per = "quarter", owner = "{manager}" }}
"{in_time}" = {{ share = "contacted in time", at_least = "80 %", per = "month", owner = "{manager}" }}
"""

_TEAMS = {
    "en": """\
[teams.dach]
manager = "petra@haulmere.example"
members = [{ email = "lena@haulmere.example", weight = 2 }, { email = "tom@haulmere.example" }]
hours   = { Mon-Thu = "09:00-17:30", Fri = "09:00-15:00" }
[teams.world]
manager = "petra@haulmere.example"
members = [{ email = "ines@haulmere.example" }, { email = "yuki@haulmere.example" }]
hours   = { Mon-Fri = "09:00-18:00" }
timezone = "Europe/London"
""",
    "ja": """\
[teams.japan]
manager = "kumiko@haulmere.example"
members = [{ email = "yuki@haulmere.example", weight = 2 }, { email = "sora@haulmere.example" }]
hours   = { Mon-Fri = "09:00-18:00" }
[teams.world]
manager = "kumiko@haulmere.example"
members = [{ email = "ines@haulmere.example" }, { email = "callum@haulmere.example" }]
hours   = { Mon-Fri = "09:00-18:00" }
timezone = "Europe/London"
language = "en"
""",
}
_ORDER = {
    "en": """\
  {{ when = {{ field = "country", in = ["DE", "AT", "CH"] }}, to = "dach" }},
  {{ to = "world" }},""",
    "ja": """\
  {{ when = {{ field = "country", is = "JP" }}, to = "japan" }},
  {{ to = "world" }},""",
}
_GOAL_NAMES = {
    "en": {"qualified": "Qualified leads", "closed": "Lead to close", "in_time": "Contacted in time"},
    "ja": {"qualified": "MQLの件数", "closed": "MQLから受注まで", "in_time": "期限内の初回接触"},
}
_CURRENCY = {"en": "", "ja": 'currency = { report_in = "JPY" }\n'}
_PLACE = {"en": ("Europe/Berlin", "DE"), "ja": ("Asia/Tokyo", "JP")}


def config(language: str, *, earlier: bool = False) -> str:
    """`config.toml` for a firm at home in Germany (`en`) or in Japan (`ja`).

    With `earlier` it reads the files of the quarter before as well, and has goals.
    """
    timezone, region = _PLACE[language]
    manager = {"en": "petra@haulmere.example", "ja": "kumiko@haulmere.example"}[language]
    return _CONFIG.format(
        language=language,
        timezone=timezone,
        region=region,
        currency=_CURRENCY[language],
        teams=_TEAMS[language],
        order=_ORDER[language].format(),
        earlier=_EARLIER if earlier else "",
        sources='"exports", "earlier"' if earlier else '"exports"',
        goals=_GOALS.format(manager=manager, **_GOAL_NAMES[language]) if earlier else "",
    )
