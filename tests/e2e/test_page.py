"""What a newcomer sees after `make run`: the page in a real browser, on the example config."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.processes import Process, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
WITHIN_SECONDS = 10.0

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="needs Chromium and its driver: apt-get install chromium chromium-driver"
    ),
]

ENQUIRY = {
    "name": "Anna Berg",
    "email": "anna@berg-bau.com",
    "company": "Berg Bau GmbH",
    "phone": "030 1234567",
    "country": "Germany",
    "message": "What is the price for ten people, with support?",
}


class Page:
    """The browser, as far as a person uses it."""

    def __init__(self, folder: Path, url: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for switch in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--window-size=1280,1000", f"--user-data-dir={folder / 'profile'}",
        ):  # fmt: skip
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.folder, self.url = folder, url
        self.driver = webdriver.Chrome(options, Service(DRIVER))

    def open(self, path: str = "/") -> None:
        self.driver.get(self.url + path)

    def send(self, fields: dict[str, str]) -> None:
        for name, text in fields.items():
            self.one(f"#sample [name={name}]").send_keys(text)
        self.one("#sample button").click()

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self) -> str:
        return self.one("main").text

    def row(self) -> list[str]:
        """The cells of the only lead; empty while there is none. Read in one go: the page redraws itself."""
        cells: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll('#leads tbody tr td')].map((cell) => cell.innerText)"
        )
        return cells

    def complaints(self) -> list[str]:
        """Whatever the browser's console says: errors, and what the security policy has blocked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def keep_picture(self, name: str) -> None:
        self.driver.save_screenshot(str(self.folder / f"{name}.png"))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """The front page of a daemon that runs as `make run` runs it, on a free port and in a folder of its own."""
    config = tmp_path / "config.yaml"
    config.write_text(re.sub(r"(?m)^  port: 8080 ", "  port: 0 ", EXAMPLE.read_text(encoding="utf-8")))
    config.chmod(0o600)
    daemon = Process("syncd", "run", "-c", str(config), cwd=tmp_path)
    try:
        url = daemon.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
        shown = Page(tmp_path, url)
        try:
            shown.open()
            yield shown
        finally:
            shown.driver.quit()
    finally:
        assert daemon.stop() == 0


def test_an_enquiry_stands_in_the_list_within_seconds_with_owner_task_and_due_time(page: Page) -> None:
    until(lambda: "No leads yet" in page.text() or None, "the empty page")

    page.send(ENQUIRY)
    sent = time.monotonic()
    who, came_by, owner, task, due, state, crm = until(lambda: _landed(page), "the lead in the list")
    took = time.monotonic() - sent

    page.keep_picture("landed")
    assert took < WITHIN_SECONDS
    assert who.splitlines()[:2] == ["Anna Berg", "Berg Bau GmbH"]
    assert came_by.splitlines() == ["Website", "by contact"]
    assert owner in ("Eva Muster", "Tom Maier")
    assert task.startswith("Call Anna Berg (Berg Bau GmbH)")
    assert re.fullmatch(r"\w{3} \d+ \w{3}, \d\d:\d\d", due)
    assert state.startswith("assigned")
    assert crm.split() == ["✓", "contact", "✓", "task", "✓", "note", "in", "book"]
    assert page.complaints() == []


def _landed(page: Page) -> list[str] | None:
    """The row, once all three things are in the book."""
    row = page.row()
    return row if row and row[-1].count("✓") == 3 else None


def test_done_marks_the_task_and_the_story_tells_everything(page: Page) -> None:
    page.send(ENQUIRY)
    until(lambda: _landed(page), "the lead in the list")

    page.one("#leads button").click()
    row = until(lambda: _attempted(page), "the state after Done")

    assert row[4] == "nothing open"
    assert page.count("#leads button") == 0
    page.keep_picture("done")
    page.one("#leads a").click()
    story = until(lambda: page.text() if "Story" in page.text() else None, "the page of the lead")
    page.keep_picture("story")
    for told in (
        ENQUIRY["message"],
        "Rule “wants to buy”: fits",
        "Contact made in the CRM",
        "The task was marked done",
    ):
        assert told in story
    assert page.complaints() == []


def _attempted(page: Page) -> list[str] | None:
    row = page.row()
    return row if row and row[5].startswith("attempted") else None


def test_markup_in_an_enquiry_is_shown_as_text(page: Page) -> None:
    mark = "<img src=x onerror=document.title='taken'>"

    page.send({**ENQUIRY, "name": f"Eve {mark}", "company": f"{mark} GmbH", "message": f"Price? {mark}"})
    until(lambda: _landed(page), "the lead in the list")
    pictures = page.count("main img")
    page.one("#leads a").click()
    until(lambda: "Story" in page.text() or None, "the page of the lead")

    assert (pictures, page.count("main img")) == (0, 0)
    assert "onerror" in page.text()
    assert page.driver.title.startswith("Eve <img")
    assert page.complaints() == []


def test_what_is_held_back_is_told_so_that_nobody_waits_for_it(page: Page) -> None:
    page.driver.execute_script("document.querySelector('[name=_gotcha]').value = 'robot'")

    page.send(ENQUIRY)

    until(lambda: "held back as junk" in page.text() or None, "the enquiry among those held back")
    assert page.row() == []
