"""The settings of a `salesforce` connection."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.model.addresses import keeps_secrets

#: Hosts that serve every org; a host of the org's own is its My Domain.
SHARED_HOSTS = ("login.salesforce.com", "test.salesforce.com")


class SalesforceSettings(BaseModel):
    """How an org is reached, and by which fields our records are known there.

    `task_key` names a text field of tasks (external id, unique) that holds our key; without one our
    key is the last line of a task's description.
    """

    model_config = ConfigDict(extra="forbid")

    login_url: str = Field("https://login.salesforce.com", description="sandbox: https://test.salesforce.com")
    api_version: str = Field("62.0", pattern=r"^\d{2,3}\.0$", description="of the REST API")
    sign_in: Literal["jwt", "client_credentials", "refresh_token"] = Field("jwt", description="how Baton signs in")
    client_id: str = Field("", description="the consumer key of the app made for Baton")
    username: str = Field("", description="whom Baton acts as; for jwt")
    external_id: str = Field("Baton_Id__c", pattern=r"^\w+$", description="the lead's field that holds our key")
    task_key: str = Field("", pattern=r"^\w*$", description="the task's field for our key, where there is one")
    campaign: str = Field("", description="name or id of the campaign whose members handed-over leads become")
    duplicate_rules: Literal["respect", "save_anyway"] = Field(
        "respect", description="save_anyway: past the alerts of duplicate rules (never past those that block)"
    )
    customer_types: list[str] = Field(
        ["Customer", "Customer - Direct", "Customer - Channel"], description="types of accounts that are customers"
    )

    @field_validator("login_url")
    @classmethod
    def _address(cls, given: str) -> str:
        parts = urlsplit(given.rstrip("/"))
        if not parts.hostname or parts.path or parts.query:
            raise ValueError("expected an address such as https://login.salesforce.com")
        if not keeps_secrets(given):
            raise ValueError("expected https (http is for this machine only)")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _own_domain(self) -> SalesforceSettings:
        # help.salesforce.com, article 000886201: the shared hosts do not serve this flow.
        if self.sign_in == "client_credentials" and urlsplit(self.login_url).hostname in SHARED_HOSTS:
            raise ValueError("client_credentials needs login_url to be your own: https://NAME.my.salesforce.com")
        return self

    @property
    def audience(self) -> str:
        """Whom a signed sign-in is meant for: the shared host that the address belongs to.

        help.salesforce.com, remoteaccess_oauth_jwt_flow: `aud` is login.salesforce.com or
        test.salesforce.com, for a My Domain too.
        """
        host = urlsplit(self.login_url).hostname or ""
        if not host.endswith("salesforce.com"):
            return self.login_url
        sandbox = host == SHARED_HOSTS[1] or host.endswith(".sandbox.my.salesforce.com")
        return "https://" + SHARED_HOSTS[1 if sandbox else 0]
