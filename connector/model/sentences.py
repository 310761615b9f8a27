"""The sentences that are kept: why a row was set aside, a value flagged, a write refused or put off.

They are stored in English with their values in them, and said in the reader's language where they
are shown (`connector.locale.stored`), which knows them again by these templates. A sentence may be
preceded by names and values, each with a colon: `Time: 'soon': not a time, expected YYYY-MM-DD`.
"""

from __future__ import annotations

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

# rows of files
TOO_FEW_COLUMNS = N_("too few columns: %(found)s, the header has %(wanted)s")
TOO_MANY_COLUMNS = N_("too many columns: %(found)s, the header has %(wanted)s")
ROW_IN_QUOTES = N_("the whole row is wrapped in one pair of quotes")
FIELD_TOO_LONG = N_("a field longer than %(most)s characters, or a quote that is never closed")
OPEN_QUOTE = N_("a quote that is never closed")
FALSE_LINE_BREAK = N_("a line break that is none")
LONE_QUOTE = N_("a quote inside a quoted field that is not doubled")
FOREIGN_BYTE = N_("byte %(byte)s does not belong to the file's encoding")
NUL = N_("it has a NUL character")
NO_TIME_THERE = N_("no time in the column %(column)s")
BAD_TIME_THERE = N_("the column %(column)s holds no time")
NOT_JSON = N_("not JSON: %(fault)s at column %(column)s")
NOT_AN_OBJECT = N_("not a JSON object")

# how files were read
READ_AS = N_("read as %(encoding)s")
READ_AS_UNSAID = N_("read as %(encoding)s, which it does not say")
READ_AS_CP932 = N_("read as CP932 (Japanese Windows); it is not UTF-8")
SOME_LINES_ARE_NOT = N_("%(bad)s of %(lines)s lines are not %(encoding)s")
NAMED_TWICE = N_("named twice; read once")
NO_ROWS = N_("no rows in it")

# records
NO_ID = N_("no id")
NO_PERSON = N_("no person")
NO_TIME = N_("no time")
IN_THE_FUTURE = N_("%(time)s lies in the future")
STORE_REFUSES = N_("the store cannot take this record (%(fault)s)")
EMPTIED = N_("%(stream)s had records and is empty now; look at the source, then: baton release --flow")
CHANGES_TOO_MUCH = N_(
    "one run would change %(count)s of its %(total)s leads in %(target)s, more than %(share)s (changes_per_run); "
    "once you have looked: baton release --flow"
)

# values that cannot be used
HIDDEN = N_("(hidden)")
NOT_A_SINGLE_VALUE = N_("not a single value")
NOT_A_NUMBER = N_("not a number")
NOT_A_WHOLE_NUMBER = N_("not a whole number")
TOO_LARGE = N_("too large")
TOO_LONG_FOR_A_NUMBER = N_("too long for a number")
A_RANGE = N_("a range; say which end with ranges")
TWO_READINGS = N_("1.000 or 1000? say decimal_mark")
NEITHER_YES_NOR_NO = N_("neither a yes nor a no")
NOT_A_DATE = N_("not a date, expected %(formats)s")
NOT_A_TIME = N_("not a time, expected %(formats)s")
NOT_ONE_OF = N_("not one of %(words)s")
NOT_A_WORD_OF = N_("not one of the words of %(field)s")
NOT_IN_TABLE = N_("%(value)s is not in the table %(table)s")

# values that were kept as given
UNUSUAL_ADDRESS = N_("an unusual address, kept as given")
NO_ADDRESS = N_("not an email address")
SEVERAL_ADDRESSES = N_("several addresses, the first is used")
NO_DOMAIN = N_("not a domain")
NO_PHONE_NUMBER = N_("not a phone number")
UNUSED_PHONE_NUMBER = N_("not a number in use, kept as given")
NO_COUNTRY = N_("not a known country")
TWO_COUNTRIES = N_("could be two countries")
NO_REGION = N_("not a known region of its country")

# values that are not sent
NOT_SENT = N_("not sent")
NO_BOOLEAN_TO_SEND = N_("neither yes nor no")
NO_NUMBER_TO_SEND = N_("%(value)s is not a number")
NO_TIME_TO_SEND = N_("%(value)s is not a time")
NOT_SCORED = N_("could not be scored (%(error)s), a fault of this program: please report it")
NOT_COMPARED = N_("could not be compared with others (%(error)s), a fault of this program: please report it")
TEMPLATE_FAILS = N_("the template fails: %(fault)s")

# what a CRM answers
NO_SUCH_KIND = N_("there is no object %(object)s")
NOT_IN_FILE = N_("it is not in %(file)s any more")
NOT_ON_DESK = N_("it is not on the desk any more")
OWN_COLUMN = N_("the column %(column)s is Baton's own")
ENCODING_CANNOT = N_("%(encoding)s cannot hold it")
NOT_WRITTEN = N_("%(file)s was not written: %(fault)s")
FOLDER_BUSY = N_("another process is writing to the folder")
SAME_ADDRESS = N_("another contact, %(contact)s, has this email address already")
KEY_TAKEN = N_("there is one with our key already")
WAITS_FOR_OTHERS = N_("what it belongs to is not there yet")
NOT_A_MANUAL_LIST = N_("the list %(list)s fills itself; only lists that are filled by hand can be joined and left")

# why Salesforce says no
CONVERTED_THERE = N_("the lead was converted; it is a contact now")
PARENT_GONE = N_("what it belongs to is gone")
POINTS_NOWHERE = N_("it points to a record that is not there, or that Baton may not see")
LOCKED_THERE = N_("another program has the record in hand")
DUPLICATE_RULE = N_("the duplicate rule %(rule)s of the CRM says that it is there already: %(ids)s")
DUPLICATE_THERE = N_("a duplicate rule of the CRM says that it is there already: %(words)s")
RULE_REFUSED = N_("a rule of the CRM says no: %(words)s")
TAKEN_THERE = N_("another record has this value already")
REQUIRED_THERE = N_("the CRM requires it, and it is blank")
NO_RIGHT_THERE = N_("Baton's user lacks the right to do this with %(object)s")
VALUE_REFUSED = N_("the CRM does not take this value (%(code)s)")
TOO_LONG_THERE = N_("the CRM takes at most %(most)s characters")
CHOICES_THERE = N_("the CRM takes only these values: %(choices)s")
OWNER_REFUSED = N_("this user cannot own it (inactive, or without the right)")
ONLY_BY_ID = N_("only records that are there already are written to, none is made")
NO_CAMPAIGN = N_("no campaign is named, or there is none of that name")
NO_KEY_FIELD = N_(
    "the lead's field %(field)s is missing, or no unique external ID; the steps: baton setup %(connection)s"
)
FIELDS_NOT_SEEN = N_("%(object)s: read without %(fields)s: no such field, or no right to see it")
DELETED_BEFORE = N_("%(object)s: what was deleted before %(since)s can no longer be told")

# what an admin allows in HubSpot, and who else is at work there
HUBSPOT_TO_SALESFORCE = N_("HubSpot's own connector to Salesforce")
SETUP_SCOPE = N_("the right to read the stream %(stream)s: scope %(scope)s")
SETUP_SCOPE_APP = N_("Settings > Integrations > Private Apps > Scopes: tick %(scope)s; OAuth2: approve the app anew")
SETUP_SCOPE_OR = N_("or leave %(stream)s out of streams")

# what an admin makes in Salesforce
SETUP_KEY = N_("the lead's field %(field)s, which holds Baton's key")
SETUP_KEY_1 = N_("Setup > Object Manager > Lead > Fields & Relationships > New > Text")
SETUP_KEY_2 = N_("Field Label %(label)s, Field Name %(name)s, Length 64")
SETUP_KEY_3 = N_('tick "Unique" (and "ABC" and "abc" as duplicate values), tick "External ID"')
SETUP_KEY_4 = N_("visible to Baton's user only; add it to no page layout; Save")
SETUP_RIGHTS = N_("the rights of Baton's user")
SETUP_RIGHTS_LACK = N_("the rights of Baton's user; lacking: %(lacking)s")
SETUP_RIGHTS_1 = N_("Setup > Permission Sets > New, for a user of Baton's own; System Permissions: API Enabled")
SETUP_RIGHTS_2 = N_("objects: Lead Create, Edit, View All; Contact Edit, View All; Account and Opportunity View All")
SETUP_RIGHTS_3 = N_("System Permissions: Edit Tasks; for campaigns: Marketing User on the user, and Campaign Read")
SETUP_RIGHTS_4 = N_("fields: edit for %(field)s and all that your mapping writes, read for all that it reads")
SETUP_TASK_KEY = N_("the task's field %(field)s, which holds Baton's key")
SETUP_TASK_KEY_1 = N_("Setup > Object Manager > Activity > Fields & Relationships > New > Text 80, External ID, Unique")
SETUP_TASK_KEY_2 = N_("field-level security is set on Task: edit for Baton's user")
SETUP_WRITTEN = N_("fields that your mapping writes and the org does not have, or does not show to Baton: %(fields)s")
SETUP_WRITTEN_MAKE = N_("make them (scores: Number; others: Text), and give Baton's permission set edit on them")
SETUP_WRITTEN_OR = N_("or correct the name in [write] of the mapping, or take the line out: NAME = false")
SETUP_CAMPAIGN = N_("the campaign %(name)s")
SETUP_CAMPAIGN_MAKE = N_('Campaigns > New, tick "Active"; or correct the setting campaign of the connection')

# what an admin makes in HubSpot
SETUP_GROUP = N_("the group of properties %(name)s (%(type)s)")
SETUP_PROPERTY = N_("the property %(name)s (%(type)s)")
SETUP_PROPERTY_LOOK = N_("Settings > Properties: look for %(name)s, or make it")
SETUP_UNIQUE = N_("unique values of the property %(name)s (%(type)s)")
SETUP_UNIQUE_DELETE = N_("Settings > Properties: delete %(name)s, which does not ask for unique values")
SETUP_AGAIN = N_("then run baton setup again: it makes it anew")
SETUP_LIST = N_("the list %(name)s")

# what an admin makes in ClickUp
NO_LIST_OF_LEADS = N_("leads is missing: the id of the list in which each lead is a task (the end of its address)")
NO_LISTS_OF_FORMS = N_("forms is missing: the ids of the lists that forms fill")
NO_KEY_FIELD_IN_LIST = N_("the list has no field %(field)s for Baton's key; the steps: baton setup %(connection)s")
CANNOT_BE_CLEARED = N_("the platform has no way to clear it from here")
SETUP_FIELD = N_("the field %(name)s (%(type)s) of the list %(list)s")
SETUP_FIELD_1 = N_("open the list %(list)s, + at the right of its columns > New field")
SETUP_FIELD_2 = N_("type: %(type)s")
SETUP_FIELD_3 = N_("name: %(name)s; Create")
SETUP_FIELD_OTHER = N_("%(name)s is there with the type %(type)s, which cannot be changed: delete it, or rename it")
SETUP_STATUSES = N_("the statuses of the list %(list)s, by which reps say how far a lead is")
SETUP_STATUSES_1 = N_("open the list, ... > List settings > Task statuses > Use custom statuses")
SETUP_STATUSES_2 = N_("one for each: new, taken, opportunity; won (Done); lost and rejected (Closed)")
SETUP_STATUSES_3 = N_("other words than those of the shipped mapping: name them in [read.stage] of yours")
SETUP_FORM = N_("the form of the list %(list)s, which asks for an email address")
SETUP_FORM_1 = N_("open the list %(list)s, + View > Form")
SETUP_FORM_2 = N_("for each question a field of the list, one of them of type Email and required")
SETUP_FORM_3 = N_("Share: switch the public link on, and put it where people find it")

SETUP_WEBHOOK = N_("the webhook of the list %(list)s, which tells %(address)s what changes")
SETUP_WEBHOOK_LEFT = N_("the removal of the webhook of the list %(list)s to %(address)s, which is not wanted any more")
NO_LEAD_NAMED = N_("the feedback %(id)s names no lead")
TARGET_IS_FIXED = N_("what is to be reached cannot be changed there, give it another name: %(names)s")
NOT_IN_SIGHT_YET = N_("what was sent may not be in sight yet, and is not sent again before %(time)s")
DELIVERY_TOO_LARGE = N_("a delivery that is too large")
DELIVERY_NOT_SIGNED = N_("a delivery that the platform has not signed")
DELIVERY_NOT_UNDERSTOOD = N_("a delivery that is not understood")

# what an admin does in Tryton
SETUP_TRYTON_1 = N_(
    "Administration > Users > Users: a user of Baton's own, in the groups Sales, Sale Opportunity, Marketing and "
    "Party Administration, with the company"
)
SETUP_TRYTON_2 = N_("that user's tab Applications: REST API, Validate; its key is the secret of the connection")
SETUP_CATEGORY = N_("the category of parties %(name)s, whose children say what Baton found")

# what became of a write
NOTHING_DIFFERS = N_("nothing differs")
CONNECTION_REFUSED = N_("the connection was refused")
ANSWER_INCOMPLETE = N_("the answer is not complete")
ANSWER_NOT_UNDERSTOOD = N_("an answer could not be understood (%(fault)s)")
ANSWER_DOES_NOT_MATCH = N_("the answer does not match the request")
LOOK_UP_FAILED = N_("the look-up failed")
NOT_LOOKED_UP = N_("could not be looked up")
CANNOT_TELL = N_("the platform could not tell whether it was done")
NOT_FOUND = N_("not found: sent again")
OTHER_VALUES = N_("found with other values: sent again")
ADOPTED = N_("adopted: an earlier request had done it")
OLD_VALUE = N_("an older value came back")
GONE = N_("gone from the platform")
GONE_UNHEARD = N_("what it belongs to is gone: waits until the CRM has told what became of it")
FAILS_ALONE = N_("the platform fails each time it is sent by itself (%(times)s times), and takes others")
PARENT_NOT_WRITTEN = N_("what it belongs to was not written")
SEVERAL_WITH_OUR_KEY = N_("%(count)s objects carry our key")
SECOND_OBJECT = N_("several objects carry our key: %(ids)s")

# who is in a CRM already
SEVERAL_THERE = N_("several records are this person: %(chosen)s is used, not %(others)s")
PERHAPS_THERE = N_("may be the same person as %(records)s: not linked; if it is, merge the records in the CRM")
ACCOUNTS_ALIKE = N_("%(records)s are called like a lead's company, and each could be its account: none is taken")
CHANGED_SINCE = N_("it has changed since the plan was made")
NOT_THERE_ANY_MORE = N_("it is not there any more")
CARRIES_OTHER_KEY = N_("it carries another key")
LEAD_IS_ELSEWHERE = N_("the lead has another record there")
WAITS_FOR_READ_IN = N_("waits for the read-in of %(connection)s")

# what ends a run
ANOTHER_PROCESS = N_("another process is at it")
PERSON_UNDER_WAY = N_(
    "%(count)s writes about this person are on their way to other systems; once they have ended (baton sync, or the "
    "daemon), say it again"
)
LEASE_LOST = N_("the lease was lost; another process has taken over")
CLAIM_TOO_OLD = N_("not sent: this process was stopped for too long after it had taken it up")
CURSOR_STANDS = N_("the cursor did not move after a page; stopped reading")

# secrets and connections
MEND = N_("%(what)s; mend it with: %(command)s")
NO_SECRET = N_("there is no such secret")
EMPTY_SECRET = N_("a secret cannot be empty")
READ_ONLY_SECRETS = N_("secrets from the environment are read-only")
SEAL_BROKEN = N_("%(file)s is damaged or was sealed with another key")
SEAL_MEND = N_("put the right key in place, or remove the file and set every secret again: baton auth set %(name)s")
SHORT_KEY = N_("the key of %(file)s is shorter than %(least)s characters")
NO_KEY = N_("the key of %(file)s is missing (%(where)s)")
OPEN_KEY = N_("the key file can be read by others")
NO_KEYCHAIN = N_("no keychain that keeps secrets safely here (%(fault)s)")
KEYCHAIN_MEND = N_('on a server write `[secrets] backend = "sealed"` into config.toml, in a container "environment"')
KEYCHAIN_REFUSES = N_("the keychain refused (%(fault)s)")
KEYCHAIN_LOCKED = N_("unlock it and try again")
NO_SECRET_NAME = N_("what was given is no name of a secret")
SECRET_NAME_MEND = N_("use letters, digits, '.', '_' and '-', at most 64")
OTHER_ACCOUNT = N_("this store was made for another account of this connection")

# what a platform answers over HTTP
NO_CONNECTION = N_("no connection to %(host)s (%(fault)s)")
UNTRUSTED = N_("the certificate of %(host)s is not trusted here; REQUESTS_CA_BUNDLE names the company's own")
NO_CA_BUNDLE = N_("the file of certificates is not there: %(file)s")
NO_ANSWER = N_("no complete answer from %(host)s (%(fault)s)")
NOT_AN_ANSWER = N_("an answer of %(host)s that is none of its API (%(status)s)")
PLATFORM_FAILS = N_("the platform fails (%(status)s)")
PLATFORM_SAYS_WAIT = N_("the platform asks to wait (%(status)s)")
PLATFORM_REFUSED_US = N_("the platform refused the sign-in, or Baton's rights do not suffice (%(status)s %(words)s)")
PLATFORM_REFUSED = N_("the platform refused %(call)s (%(status)s %(words)s)")
REDIRECTED = N_("redirected to %(host)s, where nothing is sent; check the address in the settings")
PLAIN_HTTP = N_("%(host)s must be called by https")
OTHER_HOST = N_("an address of another host: %(host)s")
NO_ADDRESS_OF_API = N_("the answer to signing in names no address of the API")
NO_CALLS_LEFT = N_("no calls left just now; the limit gives the next in %(seconds)s s")
NO_TIME_LEFT = N_("no time left for the call")
STOPPED = N_("stopped")
ANOTHER_ACCOUNT = N_("the credential belongs to the account %(found)s, the configuration names %(wanted)s")
SIGN_IN_REFUSED = N_("signing in was refused (%(status)s %(words)s)")
NO_TOKEN_IN_ANSWER = N_("the answer to signing in has no token")
BAD_CREDENTIAL = N_("the secret cannot be sent: it has spaces, line breaks or letters that a token does not have")
NO_PRIVATE_KEY = N_("the secret is not a private key (PEM, RSA)")
SEALED_ELSEWHERE = N_("the store's tokens are sealed with a key that is not here; it must be the same on every machine")
ENDS_ON = N_("%(what)s ends on %(date)s")
ENDED_ON = N_("%(what)s ended on %(date)s")
ENDING_CERTIFICATE = N_("the certificate kept with the secret")
ENDING_TOKEN = N_("the token in the secret")
ENDING_OAUTH_V1 = N_("the OAuth API v1")

# the store
NO_STORE = N_("there is no store yet")
FOREIGN_STORE = N_("this database belongs to another program")
NEWER_STORE = N_("made by a newer baton (schema %(found)s, this one knows %(known)s); update baton")
OLDER_STORE = N_("its schema is %(found)s, this program needs %(needed)s")
LOCKED_STORE = N_("another program has kept it locked for %(seconds)s seconds")
STORE_HAS_NO_ROOM = N_("%(fault)s: is the disk full? What was stored is there; Baton goes on once there is room")
STORE_DAMAGED = N_("%(fault)s: it is damaged, or none of ours; put a copy back: baton state restore FILE")
STORE_GONE = N_("the file is not there, or cannot be opened; put it back, or a copy of it: baton state restore FILE")
STORE_REPLACED = N_("another file stands in its place; start Baton again if that is meant")
NO_SCHEMA = N_("there is no schema %(version)s; known are %(known)s")
BROKEN_REFERENCES = N_("rows would refer to rows that are not there; nothing was changed")
STORE_READ_ONLY = N_("%(fault)s; the file and its folder must be writable")
STORE_IS_FOLDER = N_("a folder, not a database")
NO_FOLDER = N_("the folder %(folder)s is not there")
STORE_NOT_WHOLE = N_("damaged: what is in it does not hold together; put a copy back: baton state restore FILE")
STORE_IN_USE = N_(
    "another process has it open: stop it first (baton status names who is at work; on Linux: fuser -v %(file)s)"
)
STORE_LEASED = N_("%(owner)s is at work on it (%(lease)s): stop it first, or wait two minutes where it was killed")
NO_BACKUP = N_("there is no such file")
NOT_A_BACKUP = N_("this is no copy of a store")
OTHER_STORE = N_("this is the store %(found)s, the present one is %(wanted)s; nothing was changed")
BACKUP_IS_THERE = N_("there is a file of that name; give another one, or --force")
BACKUP_IS_STORE = N_("this is the store itself; give another file")
BACKUP_DIFFERS = N_("the copy is not what the store was; nothing was kept")
SET_BACK = N_(
    "%(connection)s has records of this store that the store itself does not know: an older copy of it was put back, "
    "or another copy of it is at work. Stop any other, then: baton state restored"
)

# where something stands
LEAD = N_("lead %(id)s")

# what came back from a CRM
DELETED_THERE = N_("deleted in the CRM")
FOUGHT = N_(
    "%(who)s writes %(theirs)s over Baton's %(ours)s, %(count)s times since %(first)s, last at %(time)s: "
    "on this record it is left alone from now on"
)
UNDECIDED = N_(
    "%(field)s is %(ours)s in %(source)s and %(theirs)s in %(crm)s, and nobody can tell which is newer: "
    "nothing is changed"
)
UNKNOWN_WORD = N_("%(word)s is not in the table of [read.stage]: what it means is not known, and nothing is done")

# a field that the CRM does not take
NO_SUCH_FIELD = N_("the CRM has no such field, or does not show it to Baton")
NOT_WRITABLE = N_("the CRM does not let Baton write it")
NO_ACTIVE_USER = N_("no active user of the CRM has the address %(value)s")
NOT_A_CHOICE = N_("%(value)s is not one of its choices (%(choices)s)")

# a run that is taken back
EDITED_SINCE = N_("it says something else by now than the run wrote")
BEFORE_UNKNOWN = N_("nobody knows what stood there before")
MERGED_THERE = N_("it was merged into another record")
CANNOT_BE_ASKED = N_("the connection could not tell what it says now")
NO_SUCH_CONNECTION = N_("its connection is not in the configuration any more")
UNDER_WAY = N_("it is being sent, or its fate is not known yet")
WORKED_ON = N_("a person works with the lead")
STAYS = N_("it stays as it is; only what it belongs to is closed")
NO_WAY_TO_END = N_("its platform has no way to end it from here")
NO_DELETION = N_("Baton cannot delete there")
TOUCHED = N_("somebody has worked with it since, or something of others hangs on it")
HANDOFF_MOVED_ON = N_("the handoff has moved on since")
CONSENT_STAYS = N_("what is said about being contacted is not taken back: only the person can say otherwise")
TAKEN_BACK = N_("taken back (run %(run)s)")
GIVEN_AGAIN = N_("given again: run %(run)s was taken back")
TAKEN_BACK_NOTE = N_("Taken back by Baton on %(time)s: the handover of run %(run)s no longer counts.")

# a plan against what stands outside
LEAD_CHANGED = N_("what is known of the lead has changed since the plan was made")
DECISION_CHANGED = N_("what was decided about the lead has changed since the plan was made")
WRITTEN_SINCE = N_("it was written since the plan was made")
CHANGED_SINCE_READ = N_("somebody has changed it since it was last read")
COULD_NOT_BE_ASKED = N_("%(target)s could not be asked")
CANNOT_BE_TOLD = N_("%(target)s cannot tell what stands there")
WAITS_ALREADY = N_("a run before has put it up for writing: it goes out with the next one")
SAYS_IT_ALREADY = N_("it says so already")
FURTHER_THERE = N_("somebody has set it further, and there it goes forward only: %(value)s stays")
NOTHING_TO_CHANGE = N_("nothing to change")
WITH_ANOTHER = N_("another record of this lead is not written")
GONE_THERE = N_("gone in %(target)s, and not made again")
TELLS_MARKETING = N_("marketing is told where the lead stands")
CARRIES_OUR_KEY = N_("a record there carries the key of this lead")
NOT_RELEASED = N_("nothing of this lead waits to be handed over any more")
NOT_IN_TEAM = N_("%(owner)s is not in the team any more")
NOT_ACTIVE = N_("%(owner)s is no active user of %(target)s any more")
OTHER_OWNER = N_("somebody else has the lead there by now")
OTHER_THINGS = N_("something else would be made with it by now")
MAIL_CAME_BACK = N_("mail to this address came back for good")
LEFT_ALL = N_("opted out of every way to reach them (%(channels)s)")
ONE_WITH = N_("one with lead %(id)s")
NO_MAIL = N_("MAIL: NO. By phone only.")
NO_CONTACT = N_("MAIL: NO. CALLS: NO.")
NO_CALLS = N_("CALLS: NO. By mail only.")

# what came back
RECYCLED = N_("recycled")
RECYCLED_MENDED = N_("recycled: its data was mended")
TO_BE_MENDED = N_("rejected (%(reason)s): once the data is mended, it is handed over again")

# given to somebody else
GIVEN_ON = N_("given on from %(email)s (%(why)s)")
BY_WORD = N_("as a person said")
THEIRS_THERE = N_("whoever has it in the CRM already keeps it")
IS_AWAY = N_("%(email)s is away")

# clocks
NOT_ACCEPTED = N_("not accepted in time")
NOT_CONTACTED = N_("not contacted in time")
RESTS = N_("takes no turns: one handoff after the other went overdue")

# notices
NO_MAIL_SERVER = N_("no mail server is named in [mail]")
NO_MAIL_ADDRESS = N_("nobody to send it to: the address names no mailbox, or [mail] no sender")
MAIL_SIGN_IN = N_("the mail server does not take the user or the password")
NO_MAIL_CONNECTION = N_("the mail server was not reached (%(fault)s)")
NO_MAIL_ANSWER = N_("no complete answer from the mail server")
MAIL_REFUSED = N_("the mail server refused it (%(code)s)")
NO_SUCH_SERVICE = N_("the secret holds no address of a service that is known")
NOT_TAKEN = N_("the service did not take it, or did not say so")
BRIEF_SHIPPED = N_("the shipped brief was written, since the template of the flow fails")
NOT_SENT_AGAIN = N_("it may have arrived, and is not sent again (%(why)s)")

# both sides compared
MISSING_THERE = N_("Baton made it, and it is not there")
STALE_THERE = N_("it says something else than Baton says and the rule lets stand")
NOBODY_KNOWS_NEWER = N_("both sides say something, and nobody can tell which is newer")
ORPHAN_THERE = N_("it carries Baton's key, and is no lead of Baton's")
SAME_KEY_THERE = N_("several records carry one key of Baton's: %(ids)s")
SAME_PERSON_THERE = N_("several records are of one person: %(ids)s")
OTHER_OWNER_THERE = N_("another owner than Baton knows; it is taken over with the next baton sync")
INACTIVE_OWNER_THERE = N_("its owner is no active user any more")
CONSENT_DIFFERS = N_("one side says no and the other yes to being contacted")


def templates() -> tuple[str, ...]:
    """Every template, in the order above."""
    return tuple(text for name, text in globals().items() if name.isupper() and isinstance(text, str))
