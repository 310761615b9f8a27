"""Every setting of `config.toml` outside the flows, with its default and what it is for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connector.config import values
from connector.config.desk_settings import DeskSettings
from connector.config.flow_settings import FlowSettings
from connector.config.goal_settings import GoalSettings
from connector.config.identity_settings import IdentitySettings
from connector.config.strict import Strict
from connector.config.values import N_, refuse
from connector.locale import LANGUAGES
from connector.model.notices import KINDS
from connector.model.secret_names import is_secret_name

Language = Literal["en", "ja"]
assert LANGUAGES == ("en", "ja")  # noqa: S101 - the two lists cannot be one: Literal takes constants only


Positive = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0)]


class CurrencySettings(BaseModel):
    """Beside `report_in` each key is a currency, and its value what one of it is worth in `report_in`."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)
    __pydantic_extra__: dict[str, Rate] = Field(init=False)

    report_in: values.CurrencyCode = Field("EUR", description="the currency that sums are made in")


class KeepSettings(Strict):
    """How long what is stored stays."""

    activities: values.Kept = Field(
        "25 months",
        validate_default=True,
        description="activities; where nothing is said, as long as criteria look back",
    )
    decisions: values.Kept = Field(
        "always",
        validate_default=True,
        description="moves from stage to stage with their reasons, and the briefs of handoffs that have ended",
    )
    outbox: values.Kept = Field(
        "90 days", validate_default=True, description="values that were written and are not the last ones"
    )
    images: values.Kept = Field(
        "90 days", validate_default=True, description="what stood where a run wrote: so long it can be taken back"
    )
    reviews: values.Kept = Field("12 months", validate_default=True, description="set-aside records that were settled")
    runs: values.Kept = Field("12 months", validate_default=True, description="what each run counted")
    plans: values.Kept = Field("90 days", validate_default=True, description="how far plans were applied")
    trail: values.Kept = Field("25 months", validate_default=True, description="what was done on the desk, by whom")
    traces: values.Kept = Field("30 days", validate_default=True, description="files of --trace")


class SecretsSettings(Strict):
    """Where secrets are kept."""

    backend: Literal["keychain", "sealed", "environment"] = Field(
        "keychain",
        description="keychain: the desktop's own. sealed: an encrypted file, for servers. "
        "environment: read-only variables BATON_SECRET_NAME, for containers",
    )


class ConnectionSettings(BaseModel):
    """What every connection has; the keys beside these are the platform's own."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)

    type: str = Field(description="the platform: files, desk, ...")
    account: str = Field("", description="its account (portal, org); the token of another account is refused")
    mapping: str = Field(
        "", description="your mapping file, laid over the shipped one key by key; name = false drops a shipped line"
    )
    daily_calls: Positive | None = Field(None, description="API calls a day that Baton may use; none: no limit")


class ReportSettings(Strict):
    """When reports are made."""

    weekly: values.ReportTime = Field("Mon 08:00", description="the weekly report")
    monthly: values.ReportTime = Field("1st working day 08:00", description="the monthly report")
    quarterly: values.ReportTime = Field("1st working day 08:00", description="the quarterly report")


class ScheduleSettings(Strict):
    """What runs when. What is due is kept in the store: a restart forgets nothing."""

    pull: values.PlainDuration = Field(
        "2 min", validate_default=True, description="marketing contacts and activity, at least this often"
    )
    bring_back: values.PlainDuration = Field(
        "5 min", validate_default=True, description="status, touches, owners and deals from the CRM"
    )
    rescore: values.TimeOfDay = Field("03:30", description="scores that time alone has moved, once a day")
    sweep: values.TimeOfDay = Field(
        "03:40", description="a look, once a day, for what came into sight too late to be read"
    )
    reports: ReportSettings = Field(default_factory=ReportSettings, description="when reports are made")


class MemberSettings(Strict):
    """One person in a team."""

    email: values.Email = Field(description="the person's email: the key in every system")
    weight: Positive = Field(1, description="share of turns against the other members")
    open_at_most: Positive | None = Field(None, description="no more turns with this many open; none: no limit")
    deputy: values.Email | None = Field(None, description="who takes what would be theirs while they are away")


Weekday = Annotated[str, Field(json_schema_extra={"examples": ["Mon", "Mon-Thu", "Mon, Wed"]})]


class TeamSettings(Strict):
    """People who share leads. They are no part of the criteria: a holiday changes no version."""

    manager: values.Email | None = Field(None, description="who hears of what goes wrong")
    deputy: values.Email | None = Field(None, description="who hears of it while the manager is away")
    members: list[MemberSettings] = Field(description="who takes turns, in this order")
    hours: dict[Weekday, values.Spans] = Field(
        {"Mon-Fri": "09:00-18:00"},
        validate_default=True,
        description="working hours, by weekdays; a span may go on over midnight",
    )
    holidays: list[values.Holiday] = Field([], description="calendars by code, and the company's own days")
    timezone: values.Zone | None = Field(None, description="where it differs from the one on top")
    language: Language | None = Field(None, description="where it differs from the one on top")
    notify: values.SecretName | None = Field(
        None, description="the name of the secret that holds the team's address for notices"
    )


class PersonSettings(Strict):
    """Someone who differs from their team."""

    language: Language | None = Field(None, description="of briefs and notices")
    timezone: values.Zone | None = Field(None, description="where they work")
    hours: dict[Weekday, values.Spans] | None = Field(None, description="their own working hours, by weekdays")
    deputy: values.Email | None = Field(None, description="who takes what would be theirs while they are away")
    notify: values.SecretName | None = Field(
        None, description="the name of the secret that holds their address for notices"
    )
    addresses: dict[str, values.Email] = Field(
        {}, description="by connection: the address that a system knows them by, where it is not their email"
    )


class MailSettings(Strict):
    """The mail server, for people who have no other address for notices."""

    server: values.SecretName | None = Field(
        None, description="the name of the secret with its address, smtp://USER:PASSWORD@HOST:587; none: no mail"
    )
    sender: values.Email | None = Field(None, description="the address that notices come from")


class QuietSettings(Strict):
    """When nobody is told anything, and what is told together once a day. Hot leads are told at once."""

    hours: values.Spans | None = Field(
        None, description="a span of the day, over midnight too, on the clock of whoever is told; none: never quiet"
    )
    digest: list[Literal[KINDS]] = Field([], description="kinds of notices that are told together, once a day")  # type: ignore[valid-type]
    digest_at: values.TimeOfDay = Field("08:30", description="when, on the clock of whoever is told")


class PublishSettings(Strict):
    """What is put into a CRM that can show it, beside the leads: baton goals publish."""

    what: list[Literal["goals", "review", "playbook"]] = Field(
        ["goals"],
        description="goals: how far they are. review: the pack of the last week, as a page. playbook: the criteria and "
        "roles in words, as a page",
    )
    at: values.TimeOfDay | None = Field(None, description="by itself, once a day; none: only when somebody asks")


def _listener(value: object) -> object:
    if not isinstance(value, str) or not is_secret_name(value):
        raise refuse(N_("must be owner, manager, team, or the name of a secret that holds an address"))
    return value


Listener = Annotated[str, BeforeValidator(_listener)]


class Settings(Strict):
    """`config.toml`."""

    version: Literal[1] = Field(1, description="of this file's format")
    language: Language = Field("en", description="of notices, briefs, desk and reports; a team or a person may differ")
    timezone: values.Zone = Field(
        "UTC", validate_default=True, description="for dates without a zone, and for every time of day written here"
    )
    region: values.Region = Field(
        "", description="of phone numbers without a country code of people without a country; none: they stay as given"
    )
    currency: CurrencySettings = Field(
        default_factory=CurrencySettings, description="amounts keep their own; sums are made at these rates"
    )
    fiscal_year_starts: values.Month = Field(
        "January", validate_default=True, description="for the quarters of goals and reports"
    )
    keep: KeepSettings = Field(default_factory=KeepSettings, description="how long what is stored stays")
    identity: IdentitySettings = Field(
        default_factory=IdentitySettings, description="which records count as one, by points that are given for reasons"
    )
    database: str = Field(
        "baton.db",
        min_length=1,
        description="an SQLite file, or postgresql://USER:${SECRET}@HOST/NAME with the name of a secret in it",
    )
    secrets: SecretsSettings = Field(default_factory=SecretsSettings, description="where secrets are kept")
    connections: dict[str, ConnectionSettings] = Field({}, description="accounts of platforms; the name is yours")
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings, description="what runs when")
    teams: dict[str, TeamSettings] = Field({}, description="people who share leads; the name is yours")
    people: dict[str, PersonSettings] = Field({}, description="who differs from their team, by email")
    notices: dict[str, list[Listener]] = Field(
        {},
        description="who hears what: owner, manager, team, or the name of a secret that holds an address",
        json_schema_extra={"propertyNames": {"enum": list(KINDS)}},
    )
    mail: MailSettings = Field(default_factory=MailSettings, description="the mail server for notices")
    quiet: QuietSettings = Field(default_factory=QuietSettings, description="when nobody is told anything")
    desk: DeskSettings = Field(default_factory=DeskSettings, description="the pages: baton desk")
    flow_order: list[str] = Field([], description="the order in which flows are asked, where they stand in files")
    flows: dict[str, FlowSettings] = Field({}, description="who is taken, scored, handed over; the name is yours")
    goals: dict[str, GoalSettings] = Field({}, description="numbers to reach; the name is yours")
    publish: PublishSettings = Field(default_factory=PublishSettings, description="what a CRM shows beside the leads")
