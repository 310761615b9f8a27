from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.config import load
from connector.model.activity import Activity
from connector.model.content import Content
from connector.model.errors import ConfigError
from connector.steps.content import Library

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
ACME = Content("Case study: Acme", "https://northwind.example/cases/acme", "automation", "mql", "case-study")
BETA = Content("Case study: Beta", "https://northwind.example/cases/beta", "automation")
PRICES = Content("Prices", "https://northwind.example/pricing", "prices", urls=("*/pricing*", "*/plans*"))
WEBINAR = Content("Automation live", "https://northwind.example/live", "automation", "sql", "webinar")
DEUTSCH = Content("Anwenderbericht Gamma", "https://northwind.example/de/gamma", "automation", language="de")
ALL = Library((PRICES, BETA, ACME, WEBINAR, DEUTSCH))


def saw(url: str = "", asset: str = "", topic: str = "", kind: str = "page_view", hours: int = 1) -> Activity:
    return Activity(
        "portal", f"{url}{asset}{hours}", "1", NOW - timedelta(hours=hours), kind, topic=topic, asset=asset, url=url
    )


def titles(*activities: Activity, stage: str = "mql", language: str = "en", library: Library = ALL) -> list[str]:
    return [one.title for one in library.next_for(activities, stage, language)]


class TestNext:
    def test_it_is_about_what_they_looked_at_and_for_this_stage_first(self) -> None:
        assert titles(saw(topic="automation")) == ["Case study: Acme", "Case study: Beta"]

    def test_what_they_have_seen_is_never_sent(self) -> None:
        seen = saw(url=ACME.link + "?utm=1", topic="automation")
        assert titles(seen) == ["Case study: Beta"]
        assert titles(seen, saw(asset="case study: BETA", kind="download")) == []

    def test_what_was_only_announced_is_not_seen(self) -> None:
        opened = saw(asset="Case study: Acme", topic="automation", kind="email_open")
        assert "Case study: Acme" in titles(opened)

    def test_who_showed_no_interest_is_sent_nothing(self) -> None:
        assert titles() == titles(saw(url="https://northwind.example/about")) == []

    def test_the_topic_they_looked_at_most_goes_first(self) -> None:
        deeds = [saw(topic="automation"), saw(topic="Prices", hours=2), saw(topic="prices", hours=3)]
        assert titles(*deeds)[0] == "Prices"

    def test_language_and_stage_must_fit(self) -> None:
        assert "Anwenderbericht Gamma" in titles(saw(topic="automation"), language="de")
        assert titles(saw(topic="automation"), stage="sql")[0] == "Automation live"

    def test_without_any_there_is_none(self) -> None:
        assert titles(saw(topic="automation"), library=Library()) == []


class TestClassify:
    def test_an_address_says_topic_and_title_where_nothing_else_does(self) -> None:
        one, two = saw(url="https://northwind.example/plans/team"), saw(url=ACME.link, asset="Own name", kind="visit")
        ALL.classify([one, two])
        assert (one.topic, one.asset, one.kind) == ("prices", "Prices", "page_view")
        assert (two.topic, two.asset, two.kind) == ("automation", "Own name", "visit")

    def test_an_address_of_nothing_known_stays_as_it_is(self) -> None:
        one = saw(url="https://northwind.example/about")
        ALL.classify([one])
        assert (one.topic, one.asset) == ("", "")


class TestFile:
    def folder(self, tmp_path: Path, content: str) -> Path:
        from connector.config.template import starter

        for name, text in starter().items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / "content.toml").write_text(content, "utf-8")
        return tmp_path / "config.toml"

    def test_what_stands_there_is_known_in_its_order(self, tmp_path: Path) -> None:
        text = '[[content]]\ntitle = "A"\nlink = "https://x.example/a"\n[[content]]\ntitle = "B"\nurls = ["*/b*"]\n'
        config = load(self.folder(tmp_path, text))
        assert config.library.items == (Content("A", "https://x.example/a"), Content("B", "", urls=("*/b*",)))
        assert tmp_path / "content.toml" in config.files

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (
                '[[content]]\ntitle = "A"\nlink = "x"\n\n[[content]]\ntitle = "A"\n',
                [
                    'content.toml:3: content.1.link: a web address is needed; allowed: "https://..."',
                    "content.toml:5: content.2: says neither `link` nor `urls`: it can never be seen",
                    "content.toml:6: content.2.title: A stands here twice",
                ],
            ),
            (
                '[[content]]\ntitle = "A"\nstage = "mlq"\n[[content]]\ntitel = "C"\nurls = ["*"]\n',
                [
                    "content.toml:3: content.1.stage: 'mlq' is not a word that is known here; allowed: known, warm, "
                    "mql, sal, sql, opportunity, won, lost, rejected; did you mean mql?",
                    "content.toml:4: content.2.title: is missing",
                    "content.toml:5: content.2.titel: unknown key titel; did you mean title?",
                ],
            ),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: list[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigError) as caught:
            load(self.folder(tmp_path, text))
        assert sorted(map(str, caught.value.problems)) == sorted(told)
