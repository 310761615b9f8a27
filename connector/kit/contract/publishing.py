"""What every CRM does that publishes pages and goals beside the leads. One method, one behaviour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from connector.kit.contract.case import cases_of, no_sign_in, unless
from connector.kit.contract.crm import CrmWorld, done
from connector.model.adapter import PublishingCrm
from connector.model.outbox import NotExecuted, Outcome, Unknown
from connector.model.publishing import Goal, PublishedPage, Target


class PublishingWorld(CrmWorld):
    """A platform that people look at."""

    def pages(self) -> list[tuple[str, str]]:
        """(title, text) of every page that was published."""
        raise AssertionError("publishes = page")

    def goals(self) -> list[tuple[str, dict[str, float]]]:
        """(name, how far each target is, by name) of every goal."""
        raise AssertionError("publishes = goal")

    def lose_next_published(self) -> None:
        """What is published next is done, and its answer lost."""
        raise AssertionError("publishes = page, goal")

    def throttle_publishing(self, retry_after: float) -> None:
        """The next call that looks for what is published meets 429, as often as it is made again."""
        raise AssertionError("publishes = page, goal")


publishes_pages = unless("publishes = no page", lambda _, capabilities: "page" not in capabilities.publishes)
publishes_goals = unless("publishes = no goal", lambda _, capabilities: "goal" not in capabilities.publishes)
PAGE = PublishedPage("s1-criteria", "What we call a lead", "# Leads\n\nWho asks for a demo.")


class PublishingContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: PublishingWorld) -> None:
        self.world = world

    def _page(self, page: PublishedPage = PAGE) -> Outcome:
        return cast(PublishingCrm, self.world.crm()).publish_page(page)

    def _goal(self, now: float = 0, **more: Any) -> Outcome:
        targets = (Target("Qualified", 100, now), Target("Value", 50_000, kind="money", unit="EUR"))
        due = self.world.clock() + timedelta(days=30)
        goal = Goal("s1-goal", "Qualified leads", due.replace(microsecond=0), "A month", targets=targets)
        return cast(PublishingCrm, self.world.crm()).put_goal(replace(goal, **more))

    def _wait(self) -> None:
        capabilities = self.world.declared()
        self.world.clock.pass_by(capabilities.settle + capabilities.lag + 1)

    @publishes_pages
    def a_page_is_made_once_and_then_brought_up_to_date(self) -> None:
        first = done(self._page())
        assert done(self._page()).crm_id == first.crm_id
        assert [title for title, _ in self.world.pages()] == ["What we call a lead"]
        changed = replace(PAGE, title="Leads", markdown="# Leads\n\nWho asks twice.")
        assert done(self._page(changed)).crm_id == first.crm_id
        assert self.world.pages() == [("Leads", "# Leads\n\nWho asks twice.")]

    @publishes_pages
    def two_pages_are_two(self) -> None:
        done(self._page())
        done(self._page(replace(PAGE, our_key="s1-playbook")))
        assert len(self.world.pages()) == 2

    @publishes_pages
    @no_sign_in
    def a_page_whose_answer_was_lost_is_not_made_twice(self) -> None:
        self._page(replace(PAGE, our_key="s1-other"))
        self.world.lose_next_published()
        assert isinstance(self._page(), Unknown)
        self._wait()
        done(self._page())
        assert len(self.world.pages()) == 2

    @publishes_goals
    def a_goal_is_made_once_and_then_brought_up_to_date(self) -> None:
        first = done(self._goal())
        assert done(self._goal()).crm_id == first.crm_id
        assert self.world.goals() == [("Qualified leads", {"Qualified": 0, "Value": 0})]
        assert done(self._goal(40, name="Leads")).crm_id == first.crm_id
        assert self.world.goals() == [("Leads", {"Qualified": 40, "Value": 0})]

    @publishes_goals
    def a_goal_gets_the_targets_that_it_lacks_and_keeps_the_others(self) -> None:
        done(self._goal(10))
        done(self._goal(targets=(Target("Won", 20, 3),)))
        assert self.world.goals() == [("Qualified leads", {"Qualified": 10, "Value": 0, "Won": 3})]

    @publishes_goals
    @no_sign_in
    def a_goal_whose_answer_was_lost_is_not_made_twice(self) -> None:
        self.world.crm().check()
        self.world.lose_next_published()
        assert isinstance(self._goal(10), Unknown)
        self._wait()
        done(self._goal(10))
        assert self.world.goals() == [("Qualified leads", {"Qualified": 10, "Value": 0})]

    @publishes_pages
    @publishes_goals
    @no_sign_in
    def throttling_publishes_nothing_and_says_how_long(self) -> None:
        for publish in (self._page, self._goal):
            self.world.throttle_publishing(17.0)
            outcome = publish()
            assert isinstance(outcome, NotExecuted)
            assert outcome.retry_after == 17.0
        assert (self.world.pages(), self.world.goals()) == ([], [])


PUBLISHING_CASES = cases_of(PublishingContract)
