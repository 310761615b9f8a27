"""What the self-test says of a walk or a point: templates, filled where they are found out.

They are English until they are shown, and are known again then (`connector.locale.stored`), as kept sentences are.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.model.sentences import N_

# what stands before a sentence
LOST = N_("lost: %(what)s")
DOUBLE = N_("double: %(what)s")
OTHER = N_("other: %(what)s")

# why a walk, or a point, is no proof
NO_SUCH_POINT = N_("there is no boundary %(number)s: there are %(count)s")
NOT_FURNISHED = N_("it could not be furnished: %(fault)s")
ALL_THE_SAME = N_("without any crash it %(what)s")
AMISS_ALL_THE_SAME = N_("without any crash: %(what)s")
COME_AND_GO = N_("the boundaries come and go: %(fewest)s and %(most)s of them in two runs")
NO_POINTS = N_("there is no boundary to be killed at")
NOTHING_DONE = N_("the books show that nothing was done")
NOT_KILLED = N_("not killed at %(missed)s of %(count)s counted boundaries, the first is %(number)s")
NO_WORKER = N_("its worker ended before it")
KILLED = N_("killed at %(boundary)s, it %(what)s")
STARTED_AGAIN = N_("started again, it %(what)s")
FAILED = N_("failed by itself: %(fault)s")
TOO_LONG = N_("did not end within %(seconds)s seconds")
ENDED = N_("ended by itself, status %(status)s")

# handoffs, and what was made of them
NO_TASK = N_("tasks of handoff %(id)s: none")
TASKS = N_("tasks of handoff %(id)s: %(count)s")
NO_TASK_THERE = N_("handoff %(id)s has no task")
TASK_OF_NONE = N_("a task of no handoff: %(key)s")
TWO_LEADS = N_("two leads with the key %(key)s")
NO_LEAD = N_("handoff %(id)s: lead %(lead)s is not in Salesforce")
LEAD_OF_NONE = N_("a lead that was not handed over: %(key)s")
HANDED_OVER_TWICE = N_("handed over twice: %(lead)s")
ON_NO_LEAD = N_("%(kind)s %(key)s is on no lead")
SEVERAL = N_("%(kind)s %(key)s: %(count)s times")
NOT_ALL = N_("%(has)s of %(wanted)s: %(kind)s")
FEWER = N_("%(what)s: %(has)s of %(wanted)s")
MORE = N_("%(what)s: %(has)s, not %(wanted)s")

NO_EVENT = N_("handoff %(id)s: that it was given to somebody was written down %(count)s times")
CLOCK = N_("handoff %(id)s is %(state)s, and its clocks run until %(next)s")

# campaigns and lists
MEMBER_TWICE = N_("twice in a campaign: %(place)s")
NOT_IN_LIST = N_("contact %(contact)s is not in the list %(list)s")
IN_LIST = N_("contact %(contact)s is in the list %(list)s")

# notices
NOT_TOLD = N_("nobody told %(to)s: %(subject)s")
TOLD_TWICE = N_("told %(to)s %(count)s times: %(subject)s")
TOLD_OF_NOTHING = N_("told %(to)s what was not to be told: %(subject)s")

# turns of the round robin
TWO_TURNS = N_("two turns for handoff %(id)s")
NO_TURN = N_("no turn for handoff %(id)s")
TURN_OF_OTHERS = N_("a turn for handoff %(id)s, which the team did not get")
TURNS_COUNTED = N_("turns are counted as %(counted)s, and are %(given)s")
UNFAIR = N_("turns are not fair: %(given)s")
NOT_ONE_BY_ONE = N_("the turns were not counted on one by one")

# what was acknowledged, and what the store has
NO_RECEIPT = N_("%(kind)s %(key)s has no receipt")
NO_RECEIPT_OF_CONTACT = N_("contact %(contact)s: no receipt")
ANOTHER_RECEIPT = N_("%(kind)s %(key)s has another receipt")
NOT_AS_WANTED = N_("contact %(contact)s: %(name)s is wanted as %(value)s, acknowledged as %(said)s, and %(held)s there")
MIRROR_DIFFERS = N_("lead %(key)s: the mirror says %(mirror)s, the receipt %(receipt)s")
STORE_HOLDS = N_("the store holds %(has)s %(what)s of %(wanted)s")
STORE_SAYS = N_("the store says of person %(number)s %(has)s and not %(wanted)s")
MARKETING_SAYS = N_("marketing says of person %(number)s %(has)s and not %(wanted)s")
FIELD_IS = N_("%(record)s: %(name)s is %(has)s and not %(wanted)s")
MADE_IN_MARKETING = N_("contacts were made in marketing")

# what is left
LEFT = N_("left: %(what)s")
LEASE_HELD = N_("%(owner)s still holds the lease %(lease)s")
PARKED = N_("%(account)s is parked until %(until)s")
OVER_THE_LIMIT = N_("%(account)s: %(used)s of %(limit)s %(rate)s calls")
FOR_A_PERSON = N_("for a person: %(key)s")

# a store that changes its schema
NEITHER = N_("it is neither the old store nor the new one")
ANOTHER_STORE = N_("migrated again, it is another one than without a crash")
PLACE_LOST = N_("the line that goes on with it does not find its place")
ROWS = N_("%(count)s rows of %(table)s")


def templates() -> tuple[str, ...]:
    """Every template, in the order above."""
    return tuple(text for name, text in globals().items() if name.isupper() and isinstance(text, str))


def heading(prefix: str, translate: Callable[[str], str]) -> str:
    """LOST, DOUBLE or OTHER without a sentence. The word alone is no message: a stage is called `lost` too."""
    return translate(prefix).partition(":")[0]


def told(sentence: str, translate: Callable[[str], str]) -> str:
    """A sentence of the self-test in the reader's language."""
    from connector.locale.stored import retell

    return retell(sentence, translate, own=templates())
