"""The settings of a `clickup` connection."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.model.addresses import base_address

Kind = Literal["", "call", "email", "meeting"]


class ClickUpSettings(BaseModel):
    """A `clickup` connection: which list holds the leads, which lists are filled by forms, and what is said there.

    Lists are named by their ids, custom fields by the names that people see. A personal token (or an OAuth2 access
    token) is the secret of the connection.
    """

    model_config = ConfigDict(extra="forbid")

    sign_in: Literal["token", "oauth"] = Field(
        "token", description="a personal token (pk_…), or an OAuth2 access token"
    )
    base_url: str = Field("https://api.clickup.com/api", description="where the API is; another one for tests")
    workspace: str = Field("", pattern=r"^\d*$", description="the workspace's id, where the token sees several")
    # as a CRM
    leads: str = Field("", pattern=r"^\d*$", description="the id of the list in which each lead is a task")
    key_field: str = Field("Baton ID", min_length=1, description="the text field that holds Baton's key")
    company_field: str = Field("Company", description="the field that holds the company's name")
    subtasks: bool = Field(False, description="make a subtask for each handoff, beside the lead's own task")
    comments: bool = Field(False, description="the brief as a comment at the first handover, too")
    questions: list[str] = Field([], description="a checklist for the rep: the questions of a qualification")
    doc: str = Field("Baton", min_length=1, description="the Doc in which pages are published; made if need be")
    # what counts as contact, for the clock
    comment_is: Kind = Field("", description="what a comment is that does not begin with a word such as Call or 電話")
    time_is: Kind = Field("call", description="what time is that somebody noted on a lead's task")
    contacted_in: list[str] = Field([], description="statuses that say that the lead was contacted")
    # lists beside that of the leads
    feedback: list[str] = Field([], description="the ids of lists in which a form of sales' makes a task for feedback")
    feedback_lead: str = Field("Lead", description="its field for the address of the lead's task, or its id")
    feedback_verdict: str = Field("Verdict", description="its field for accepted or rejected")
    feedback_words: str = Field("Comment", description="its field for the rep's own words")
    deals: str = Field("", pattern=r"^\d*$", description="the id of a list of deals, related to the leads' tasks")
    won_in: list[str] = Field(["won", "受注", "gewonnen"], description="statuses of a deal that say that it is won")
    # as a source
    forms: list[str] = Field([], description="the ids of lists whose tasks a form makes")
    # what ClickUp tells by itself
    webhook: str = Field("", description="the https address at which ClickUp is to tell what changes; setup asks it to")
    # limits
    calls_per_minute: int = Field(100, ge=1, description="of the token: 100; 1,000 on Business Plus, 10,000 Enterprise")
    lag_seconds: int = Field(60, ge=0, description="how long after a change a search may not know it yet")
    overlap_seconds: int = Field(300, ge=0, description="how far back each reading begins")
    deleted_every_hours: int = Field(24, ge=1, description="how often it is looked for what was deleted")

    @property
    def lists(self) -> tuple[str, ...]:
        """All lists of the connection, by their ids."""
        return tuple(dict.fromkeys(id for id in (self.leads, *self.forms, *self.feedback, self.deals) if id))

    @field_validator("base_url", "webhook")
    @classmethod
    def _address(cls, given: str) -> str:
        return base_address(given) if given else given

    @field_validator("forms", "feedback")
    @classmethod
    def _ids(cls, given: list[str]) -> list[str]:
        if wrong := [one for one in given if not one.isdigit()]:
            raise ValueError(f"the id of a list is a number, as its address in ClickUp ends: {wrong[0]!r}")
        return given
