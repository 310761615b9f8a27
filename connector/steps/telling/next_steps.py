"""What an admin can do about what was refused, set aside or left undecided, and where: one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.model.notices import TARGET
from connector.model.refusals import RefusalKind
from connector.steps.telling.words import N_, Words, field_name

#: Where a field that is required comes from, if the mapping writes it.
FILL = N_(
    "fill %(ours)s in marketing, or give %(name)s a default in [write.%(object)s] of the mapping, or make it optional "
    "in %(platform)s"
)
STEPS: Mapping[RefusalKind, str] = {
    "required": N_("write %(name)s in [write.%(object)s] of the mapping, or make it optional in %(platform)s"),
    "choice": N_("add the value to %(field)s in %(platform)s, or change its line in [write.%(object)s] of the mapping"),
    "too_long": N_(
        "shorten it where it comes from, or say longest for %(name)s in [write.%(object)s] of the mapping, or make "
        "%(field)s longer in %(platform)s"
    ),
    "wrong_type": N_(
        "correct it where it comes from, or say how %(name)s is written (as, format, table) in [write.%(object)s] of "
        "the mapping"
    ),
    "rule": N_("do what the rule asks for, or let it make an exception for Baton's user in %(platform)s"),
    "no_right": N_("give Baton's user the right in %(platform)s; baton setup %(platform)s names what it needs"),
    "no_field": N_(
        "make the field in %(platform)s and let Baton's user write it (baton setup %(platform)s), or say "
        "%(name)s = false in [write.%(object)s] of the mapping"
    ),
    "no_object": N_("take [write.%(object)s] out of the mapping: %(platform)s does not make such records for us"),
    "owner": N_("make the owner an active user of %(platform)s who may own it, or take them out of their team"),
    "locked": N_("free the record in %(platform)s (an approval, say, that holds it)"),
    "duplicate": N_(
        "look at both records in %(platform)s and merge them, or let the duplicate rule make an exception for Baton's "
        "user"
    ),
    "gone": N_("it is not in %(platform)s any more, and is not made again; bring it back there, or drop this"),
    "limit": N_("make room in %(platform)s: its administrator sees what is used up"),
    "settings": N_("correct the settings of the connection %(platform)s; baton check names what is wrong"),
    "fails": N_(
        "%(platform)s itself fails at this record: look at what its admin runs when one is saved (triggers, flows, "
        "workflows), or ask its support, with the time of the last try"
    ),
    "unknown": N_("do what %(platform)s says, there or where the value comes from"),
}
THEN_RETRY = N_("%(what)s; then: baton errors retry %(id)s")
UNDECIDED = N_(
    "look in %(platform)s for the record: is it there, baton errors drop %(id)s; is it not, baton errors retry %(id)s"
)
NO_CONNECTION = N_(
    "%(platform)s is in the configuration no more: name it there again, or: baton errors drop --target %(platform)s"
)

NOT_TOLD = N_(
    "correct the address that the notice goes to, or its secret (baton auth set NAME), and try it with "
    "baton notify --test ADDRESS; then: baton errors retry %(id)s"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write that did not go out. `platform` is the connection, `object` the mapping's word, `ours` canonical fields.

    `name` is the platform's name for the field concerned, `label` what people see there; "" where there is none.
    """

    id: str
    kind: RefusalKind
    platform: str
    object: str
    name: str = ""
    label: str = ""
    ours: tuple[str, ...] = ()
    undecided: bool = False
    configured: bool = True


def labelled(name: str, label: str) -> str:
    """A field as people see it, with its name: `Lead Source (LeadSource)`."""
    return f"{label} ({name})" if label and name and label != name else label or name


def next_step(about: Refusal, words: Words) -> str:
    """What to do about a refused or undecided write, and where."""
    filled = {
        "id": about.id,
        "platform": about.platform,
        "object": about.object,
        "name": about.name or words.say(N_("the field")),
        "field": labelled(about.name, about.label) or words.say(N_("the field")),
        "ours": words.translate(", ").join(field_name(one, words.translate) for one in about.ours),
    }
    if about.platform == TARGET:
        return words.say(NOT_TOLD, **filled)
    if not about.configured:
        return words.say(NO_CONNECTION, **filled)
    if about.undecided:
        return words.say(UNDECIDED, **filled)
    text = FILL if about.kind == "required" and about.ours and about.name else STEPS[about.kind]
    said = words.say(text, **filled)
    return said if about.kind == "gone" else words.say(THEN_RETRY, what=said, id=about.id)


#: What to do about notices, by how their key begins.
NOTICES: Mapping[str, str] = {
    "choice": N_(
        "add the value to %(name)s in %(platform)s, or change its line in the mapping: it closes by itself, and the "
        "leads are written again"
    ),
    "left_out": N_(
        "correct the value where it comes from, or the field %(name)s in %(platform)s: it closes by itself with the "
        "next write that is taken; at once: baton errors retry %(id)s"
    ),
    "unsent": N_("correct the value where it comes from, or the line of %(name)s in the mapping: it closes by itself"),
    "duplicate": N_(
        "merge the records in %(platform)s: it closes by itself where merges are read; else: baton errors drop %(id)s"
    ),
    "several": N_("merge them in %(platform)s if they are one person; then: baton errors drop %(id)s"),
    "unknown": N_("name it in [read.stage] of the mapping of %(platform)s: it closes by itself, and the leads follow"),
    "fight": N_(
        "let one of the two write %(name)s: take it out of [write] of the mapping (NAME = false), or end the other "
        "writer; then: baton errors drop %(id)s"
    ),
    "mend": N_(
        "correct the data in marketing or in the CRM: it is handed over by itself; nothing to correct: "
        "baton errors retry %(id)s; not wanted: baton errors drop %(id)s"
    ),
    "brief": N_("correct the template that `brief` names in the flow %(flow)s; then: baton errors drop %(id)s"),
    "score": N_("report it, with what baton --verbose says; it closes by itself once the lead can be scored"),
}
OTHER_NOTICE = N_("look into it; then: baton errors drop %(id)s")
OTHERS: Mapping[str, str] = {
    "set_aside": N_(
        "correct it at its source (it is read again when it changes), or the mapping; then: baton errors retry %(id)s; "
        "not wanted: baton errors drop %(id)s"
    ),
    "missing_fields": N_("fill %(ours)s in marketing: it is handed over by itself"),
    "parked_flow": N_("look at what happened; then: baton release --flow %(flow)s"),
}


def next_step_of_item(
    kind: str, words: Words, *, id: str, key: str = "", name: str = "", platform: str = "", flow: str = ""
) -> str:
    """What to do about an item of the fix queue."""
    ours = words.translate(", ").join(
        field_name(one.strip(), words.translate) for one in name.split(",") if one.strip()
    )
    text = OTHERS.get(kind) or NOTICES.get(key.partition(":")[0], OTHER_NOTICE)
    return words.say(text, id=id, name=name, platform=platform, flow=flow, ours=ours)
