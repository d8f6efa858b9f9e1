"""report.html in a real browser: wide and narrow, on light and dark ground, and on paper."""

import base64
import os
import shutil

import pytest

from comparison import html_report, power_test
from tests.comparison.report.studies import rich, small, undecided

DRIVER = shutil.which("chromedriver")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(
    not (DRIVER and BROWSER), reason="no chromium with its chromedriver, such as Debian's chromium-driver"
)
SCREENS = {"narrow": (360, 740), "wide": (1400, 900), "paper": (718, 1047)}  # A4 within margins of 10 mm, 96 to an inch
CONTRAST = 4.5  # of text to its ground, as WCAG 2.1 asks of level AA

# texts that are shown, with their contrast: relative luminances of text and of the first ground that is not transparent
CONTRASTS = """
const channel = x => (x /= 255) <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
const numbers = text => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const opaque = c => c.length < 4 || c[3] === 1;
const ground = e => { while (e) { const c = numbers(getComputedStyle(e).backgroundColor);
                                  if (opaque(c)) return c; e = e.parentElement; } return [255, 255, 255]; };
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = [];
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
  if (!text || !e.getClientRects().length) continue;
  const [a, b] = [luminance(numbers(getComputedStyle(e).color)), luminance(ground(e))].sort((x, y) => y - x);
  out.push([text.slice(0, 40), (a + 0.05) / (b + 0.05)]);
}
return out;
"""


@pytest.fixture(scope="module")
def browser():
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"):
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # chromium has none for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        driver = Chrome(options=options, service=Service(DRIVER))
    except WebDriverException as error:
        if os.environ.get("FINITE_N_BROWSER") == "required":  # as in .ci/run
            raise
        pytest.skip(f"{BROWSER} does not start with {DRIVER}: {str(error.msg).splitlines()[0]}")
    driver.set_page_load_timeout(60)  # what hangs
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Three reports: confirmed and refuted; undecided; long, with planted errors and names that look like code."""
    folder, odd = tmp_path_factory.mktemp("pages"), rich().run()
    reports = {
        "judged": html_report(small().run()),
        "undecided": html_report(undecided().run()),
        "long": html_report(odd, power_test(odd)),
    }
    for name, text in reports.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def look(browser, file, screen, ground):
    """Open a page on a screen of such a size, on a light or dark ground."""
    width, height = SCREENS[screen]
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": ground}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    browser.get_log("browser")  # what was said before
    browser.get(file.as_uri())


def scrolls_sideways(browser) -> bool:
    return browser.execute_script("return document.scrollingElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("screen", ["narrow", "wide"])
@pytest.mark.parametrize("name", ["judged", "undecided", "long"])
def test_a_report_is_readable(browser, pages, name, screen, ground):
    look(browser, pages / f"{name}.html", screen, ground)
    assert browser.get_log("browser") == []
    first = browser.execute_script(
        "return [...document.querySelectorAll('.claims .badge, .verdict .badge')].slice(0, 3)"
        ".map(e => [e.innerText, e.getBoundingClientRect().bottom])"
    )
    words = {"judged": ["refuted", "confirmed", "REFUTED"], "undecided": ["refuted", "undecided", "REFUTED"]}
    expected = words.get(name, ["refuted"] * 3)
    assert [text.split()[1] for text, _ in first] == expected
    assert all(bottom < SCREENS[screen][1] for _, bottom in first)  # seen without scrolling
    images = "return [...document.images].map(i => [i.complete, i.naturalWidth, i.currentSrc, i.src, i.alt])"
    shown = browser.execute_script(images)
    assert len(shown) == 2
    for complete, width, current, light, alt in shown:
        assert complete and width > 0 and alt
        assert (current == light) == (ground == "light")
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert not scrolls_sideways(browser)
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].map(b => b.scrollWidth > b.clientWidth)"
    )
    assert any(boxes) or screen == "wide"  # tables scroll in their boxes
    found = browser.execute_script(CONTRASTS)
    assert len(found) > 200 and [pair for pair in found if pair[1] < CONTRAST] == []


def test_the_ground_follows_the_reader(browser, pages):
    seen = {}
    for ground in ("light", "dark"):
        look(browser, pages / "judged.html", "wide", ground)
        seen[ground] = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert seen == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 20, 24)"}


def test_a_report_can_be_printed_from_a_dark_screen(browser, pages):
    look(browser, pages / "judged.html", "paper", "dark")
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    style = browser.execute_script(
        "return [getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('nav')).display]"
    )
    assert style == ["rgb(255, 255, 255)", "none"] and not scrolls_sideways(browser)
    assert base64.b64decode(browser.print_page()).startswith(b"%PDF")


def test_nothing_that_a_name_holds_is_executed(browser, pages):
    look(browser, pages / "long.html", "wide", "light")
    assert browser.execute_script("return document.scripts.length") == 0
    assert browser.execute_script("return document.querySelectorAll('h1').length") == 1
    assert browser.find_element("css selector", "h1").text.startswith("1. <script>alert('x')</script> & *a* _b_")
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(r => r.name)")
    assert [name for name in loaded if not name.startswith("data:")] == []


BAD = """<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<body style="background: #fff"><p style="color: #777; width: 3000px">grey and wide</p>
<p style="color: #767676">just dark enough</p><img src="http://example.invalid/x.png" alt="">"""


def test_what_is_looked_for_would_be_seen(browser, tmp_path):
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    look(browser, tmp_path / "bad.html", "narrow", "light")
    assert scrolls_sideways(browser)
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))
    contrasts = dict(browser.execute_script(CONTRASTS))
    assert contrasts["grey and wide"] == pytest.approx(4.48, abs=0.01) and contrasts["just dark enough"] >= CONTRAST
    assert browser.execute_script("return document.images[0].naturalWidth") == 0
