"""Every kind of page, held against axe's rules in a real browser, and used by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.test_browser import ADDRESSES, SCHEMES, WIDTHS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_kind_of_page(browser, address, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    axe = Axe()
    found = {}
    for path in ADDRESSES:
        page.goto(address + path, wait_until="networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        for one in axe.run(page).response["violations"]:
            places = [node["target"] for node in one["nodes"]]
            found.setdefault(one["id"], []).append((path, places[:3]))
    assert found == {}
    context.close()


def test_axe_finds_nothing_in_what_is_chosen_and_searched(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    axe = Axe()
    page.goto(f"{address}tf/2.15/#on-wsl2-cuda-3.11-docker", wait_until="networkidle")
    assert axe.run(page).response["violations"] == []
    page.goto(f"{address}matrix/?python=3.12&sure=runs+links+runs-gpu#linux-x86_64-cuda")
    assert axe.run(page).response["violations"] == []
    page.goto(f"{address}find/?gpu=GTX+9999+no+such", wait_until="networkidle")
    assert axe.run(page).response["violations"] == []
    page.close()


def test_a_page_is_found_and_its_set_up_copied_by_keyboard_alone(browser, address):
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.keyboard.press("/")
    page.keyboard.type("tensorflow 2.15")
    page.locator(".md-search-result__list a[href*='/tf/2.15/']").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tf/2.15/**")
    page.locator("#tab-on-linux-x86_64").focus()
    reached = ""
    for _ in range(12):
        page.keyboard.press("Tab")
        reached = page.evaluate("document.activeElement.textContent")
        if reached == "Copy":
            break
    assert reached == "Copy"
    page.keyboard.press("Enter")
    page.get_by_text("Copied").first.wait_for()
    assert "tensorflow==2.15.1" in page.evaluate("navigator.clipboard.readText()")
    context.close()
