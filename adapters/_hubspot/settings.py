"""The settings of a `hubspot` connection."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.model.addresses import base_address

Stream = Literal["contacts", "companies", "archived", "email_events", "form_submissions", "events"]


class HubSpotSettings(BaseModel):
    """A `hubspot` connection: how it signs in, what it reads, how much of the portal's limits it may use.

    The token of a private app is the secret of the connection; with `sign_in = "refresh_token"` the refresh
    token is, and the app's client secret is the secret `NAME-client`.
    """

    model_config = ConfigDict(extra="forbid")

    sign_in: Literal["token", "refresh_token"] = Field("token", description="a private app's token, or OAuth2")
    client_id: str = Field("", description="of the OAuth2 app, where it signs in with a refresh token")
    oauth: Literal["2026-03", "v1"] = Field("2026-03", description="the version of the token endpoint")
    base_url: str = Field("https://api.hubapi.com", description="where the API is; another one for tests")
    # what is read
    streams: list[Stream] = Field(
        ["contacts", "companies", "archived", "email_events", "form_submissions"],
        description="what is read; events (page views and custom events) are part of Enterprise plans",
    )
    events: list[str] = Field(["e_visited_page"], description="events of the stream events, by their full names")
    forms: list[str] = Field([], description="forms by name or id; none: all")
    email_events: list[str] = Field(
        ["OPEN", "CLICK", "STATUSCHANGE"], description="events of emails, in the words of HubSpot's email events API"
    )
    history_days: int = Field(180, ge=1, description="how far back emails and events are read the first time")
    windows: int = Field(4, ge=1, le=16, description="how many windows of time the first load reads at once")
    contacts_by_search: bool = Field(
        False, description="the first load of contacts by search, in as many ranges of ids, rather than by list"
    )
    # what is written, as a CRM
    sales_leads: bool = Field(False, description="make a record of HubSpot's own object Leads for each handoff")
    # limits
    calls_per_10_seconds: int = Field(190, ge=1, description="of the app; 100 on Free and Starter")
    calls_per_day: int = Field(650_000, ge=1, description="of the portal, shared by all its apps")
    searches_per_second: int = Field(5, ge=1, description="of the portal's search API")
    lag_seconds: int = Field(60, ge=0, description="how long after a change the search may not know it yet")
    overlap_seconds: int = Field(300, ge=0, description="how far back each reading begins")

    @field_validator("base_url")
    @classmethod
    def _address(cls, given: str) -> str:
        return base_address(given)

    @model_validator(mode="after")
    def _client(self) -> Self:
        if self.sign_in == "refresh_token" and not self.client_id:
            raise ValueError('client_id is missing: sign_in = "refresh_token" needs it')
        return self
