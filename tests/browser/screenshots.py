"""The pictures of the documentation, from the sample quarter: python -m tests.browser.screenshots (make screenshots).

They show the time at which they are made; all else is the sample's, the same every time.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL, run

from playwright.sync_api import Browser, sync_playwright
from starlette.requests import Request

from connector.app import App, open_app
from connector.config import load
from connector.model.logins import ROLES, Role, User
from connector.web.site import site
from tests.browser.conftest import FLAGS, chromium
from tests.browser.reader import Reader, reader
from tests.browser.served import served
from tests.browser.world import READER

TO = Path(__file__).parents[2] / "docs" / "pictures"
WHO: dict[str, tuple[Role, ...]] = {"lena": ("rep",), "petra": ("manager", "marketing", "reviewer"), "anna": ROLES}
WIDE, TALL, PHONE = {"width": 1200, "height": 800}, {"width": 1200, "height": 1150}, {"width": 390, "height": 844}
#: Picture: who looks, at which page (and the first of which links there is followed), in what window.
SHOTS = {
    "inbox": ("lena", "/inbox", WIDE),
    "lead": ("lena", "/inbox .line .name a", WIDE),
    "lead-phone": ("lena", "/inbox .line .name a", PHONE),
    "fixes": ("petra", "/fixes", WIDE),
    "duplicate": ("petra", "/duplicates tbody a", WIDE),
    "team": ("petra", "/team", TALL),
    "dashboard": ("petra", "/dashboard", TALL),
    "funnel": ("petra", "/dashboard/funnel", TALL),
    "clocks": ("petra", "/dashboard/clocks", TALL),
}
LANGUAGES = {"en": list(SHOTS), "ja": ["inbox", "lead", "lead-phone", "duplicate", "dashboard", "funnel"]}


def sample(folder: Path) -> Path:
    """The configuration of the sample quarter, written and played in `folder`."""
    run([sys.executable, "-m", "connector.cli", "demo", "--folder", folder], check=True, stdout=DEVNULL)
    return folder / "config.toml"


def identify(request: Request) -> User | None:
    """Whoever the browser says."""
    name, _, language = request.headers.get(READER, "").partition(" ")
    return User(f"{name}@haulmere.example", name.title(), WHO[name], language=language) if name in WHO else None


def take(browser: Browser, url: str, language: str, name: str) -> None:
    """One picture."""
    who, path, window = SHOTS[name]
    with reader(browser, url, who, language, viewport=window) as seen:
        _open(seen, path)
        ending = "" if language == "en" else f"-{language}"
        seen.page.screenshot(path=TO / f"{name}{ending}.png")


def _open(seen: Reader, place: str) -> None:
    path, _, link = place.partition(" ")
    seen.go(path)
    if link:
        seen.page.locator(link).first.click()


def main(config: Path | None = None) -> None:
    """All pictures; from the sample that `config` is, where one is named."""
    TO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        app: App = open_app(load(config or sample(Path(made) / "demo")))
        with served(site(lambda: app, identify)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            for language, names in LANGUAGES.items():
                for name in names:
                    take(browser, url, language, name)
            browser.close()
        app.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
