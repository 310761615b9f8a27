"""A Salesforce org on this machine: its REST API as far as a connector of leads uses it.

    org = Org(clock)                       # users, records, rules; what people do in it
    server = serve(org)                    # the org behind a port, with ledger, faults and clock
    org.seed(people)                       # some of these people are there already

What the service does is taken from its public documentation (read as stored copies, not tried
against a live org); where each fact comes from stands below it. `-` marks what no public source
confirmed: there the harsher reading is built.

- collections: 200 records, results in order, 10 chunks of types, `attributes.type`, 400 only for malformed
  [developer.salesforce.com: api-rest/guide/resources-composite-sobjects-collections-{create,update,upsert}]
- upsert by external id fields only, one object type, from version 46
  [api-rest/guide/resources-composite-sobjects-collections-upsert]
- retrieve by ids: null for what is not there, 2,000 by POST
  [api-rest/guide/resources-composite-sobjects-collections-retrieve, -retrieve-post]
- an unknown column in one record of a collection refuses the whole request
  [`-` (single create: known; here `Org.strict_columns`)]
- more than 200 records: EXCEEDED_ID_LIMIT "record limit reached"
  [`-` (SOAP create() says so; REST not found)]
- paging: up to 2,000 rows, `Sforce-Query-Options: batchSize` 200 to 2,000
  [api_rest: resources_query, headers_queryoptions]
- URI over 16,384 bytes 414, URI and headers 431
  [help.salesforce.com 000386264]
- SOQL: no long text in WHERE, AND and OR only mixed in parentheses, text compared without case
  [soql_sosl: sforce_api_calls_soql_select_fieldexpression, _conditionexpression]
- `!=` and NOT IN keep rows without a value
  [`-`]
- a query that names a field twice is refused
  [`-`]
- a record that another transaction holds: UNABLE_TO_LOCK_ROW
  [`-`]
- unknown field in SOQL: INVALID_FIELD "No such column ... on entity"
  [github.com/mautic/mautic/pull/13406, apache/camel-quarkus/issues/3022]
- deleted feed: 15 days, start more than a minute before end, INVALID_REPLICATION_DATE, latestDateCovered
  [api_rest: resources_getdeleted; api: sforce_api_calls_getdeleted]
- merge: loser IsDeleted, MasterRecordId, children move; queryAll shows it
  [apexcode: apex_triggers_merge_statements; api: sforce_api_calls_merge]
- conversion fields, ConvertedDate without a time
  [change_data_capture: cdc_standard_objects_lead_conversion]
- converted lead: CANNOT_UPDATE_CONVERTED_LEAD "cannot reference converted lead"
  [experienceleague.adobe.com: salesforce-diagnostics; gitlab.com/gitlab-org/customers-gitlab-com/-/issues/272]
- Sforce-Auto-Assign: TRUE by default, on create and update
  [api-rest/guide/headers-autoassign]
- Sforce-Duplicate-Rule-Header: allowSave only past an alert
  [api-rest/guide/headers-duplicaterules]
- field not writable: INVALID_FIELD_FOR_INSERT_UPDATE "Unable to create/update fields"
  [github.com/verbb/formie/issues/1981]
- restricted picklist: "bad value for restricted picklist field"
  [github.com/MinnPost/object-sync-for-salesforce/issues/128]
- unique: DUPLICATE_VALUE "duplicates value on record with id"
  [docs.gearset.com/en/articles/4002241]
- same external id twice in one upsert: DUPLICATE_VALUE "Duplicate external id specified"
  [salesforce.stackexchange.com/questions/104048 (Apex; both rows refused is `-`)]
- upsert whose only match is deleted creates a new record
  [`-`]
- Sforce-Limit-Info; /limits; 403 REQUEST_LIMIT_EXCEEDED
  [api_rest: headers_api_usage; errorcodes (the code in the body is `-`)]
- 401 INVALID_SESSION_ID; sessions of two hours unless an admin says otherwise
  [nango.dev/blog/fix-salesforce-invalid-session-id-error; api-metadata/guide/meta-error-handling-session-exp]
- token: access_token, instance_url, id, token_type; no expires_in; {error, error_description}
  [help.salesforce.com: remoteaccess_oauth_jwt_flow, remoteaccess_oauth_flow_errors]
- a JWT assertion holds three minutes at most; the words for an old one
  [help.salesforce.com: remoteaccess_oauth_jwt_flow; the words are `-`]
- userinfo with a bad token: 403 Bad_OAuth_Token
  [`-`]
- refresh token rotation: a new one each time, the one before is void
  [help.salesforce.com: remoteaccess_oauth_refresh_token_flow]
- times in whole seconds, `2013-05-20T20:49:32.000+0000`
  [api_rest: headers_api_usage (example)]
- text is trimmed, "" is stored as null
  [`-`]

Not here: composite, Bulk API, /updated, events and webhooks, rights by user, several currencies.
"""

from connector.sandbox.salesforce.api import serve
from connector.sandbox.salesforce.org import Org

__all__ = ["Org", "serve"]
