"""Briefs as a flow's own template says, on the way of a lead."""

from __future__ import annotations

from pathlib import Path

from tests.line import Line


def line_with(folder: Path, **templates: str) -> Line:
    (folder / "briefs").mkdir()
    for name, text in templates.items():
        (folder / "briefs" / f"{name.replace('__', '.')}.txt").write_text(text, "utf-8")
    return Line(folder, flow='brief = "briefs/b2b.txt"')


def brief_of(line: Line) -> str:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    [handoff] = line.handoffs("open")
    return handoff.brief


def test_a_template_sees_the_lead_and_the_parts_of_the_shipped_brief(tmp_path: Path) -> None:
    text = "{{ name.given }} of {{ company.name }}: {{ top_reasons(1) }}\n{{ brief.why }}\n{{ brief.next }}"
    told = brief_of(line_with(tmp_path, b2b=text)).splitlines()
    assert told[:2] == ["Ana of Firm GmbH: Asked for a demo +25", "Why now"]


def test_japanese_has_a_template_of_its_own(tmp_path: Path) -> None:
    line = line_with(tmp_path, b2b="english", b2b__ja="日本語 {{ brief.who }}")
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[teams.sales]", '[teams.sales]\nlanguage = "ja"'))
    assert brief_of(line).startswith("日本語 ")


def test_a_template_that_fails_costs_nothing_and_is_told(tmp_path: Path) -> None:
    line = line_with(tmp_path, b2b="{{ 1 // nothing }}")
    assert "Why now" in brief_of(line)
    [item] = line.waiting_for_people("notice")
    assert (item.key, item.flow) == ("brief:b2b", "b2b")


def test_a_part_about_which_nothing_is_known_leaves_no_gap(tmp_path: Path) -> None:
    told = brief_of(line_with(tmp_path, b2b="{{ name.given }}\n\n{{ brief.before }}\n \n{{ brief.answered }}\nend"))
    assert told == "Ana\n\nend"
