"""The built site in a real browser, on loopback, as a person meets it."""

import pytest

from kb.answers.releases import VersionQuestion, best
from kb.base.store import Store
from kb.cells import shells
from kb.lookup.answer import lookup

pytestmark = pytest.mark.browser

WIDTHS = (375, 1440)
SCHEMES = ("light", "dark")
ADDRESSES = (
    "",
    "find/",
    "find/?python=3.12&gpu=RTX+3090",
    "matrix/",
    "tf/",
    "tf/2.15/",
    "tf/1.15/",
    "python/3.12/",
    "cuda/12.5/",
    "cudnn/8.9/",
    "cuda/",
    "runs/",
    "python/",
    "gpu/8.9/",
    "gpu/",
    "errors/",
    "errors/missing-cuda-library/",
    "runs/2.15/",
    "which-python-for-a-gpu/",
    "contribute/",
    "for-machines/",
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_say_nothing_in_the_console_and_ask_no_other_host(
    browser, address, width, scheme
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in ADDRESSES:
        page.goto(address + path, wait_until="networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(252, 251, 247)", "dark": "rgb(22, 21, 19)"}[scheme]
    assert said == []
    others = [url for url in asked if not url.startswith((address, "data:"))]
    assert others == []
    context.close()


def test_the_copy_button_copies_exactly_what_a_shell_needs(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + "tf/2.15/")
    answer = lookup(Store(), VersionQuestion(version="2.15"))
    cell = best(answer, "linux-x86_64", "3.11", "cpu")
    shown = page.locator("#on-linux-x86_64-cpu")
    shown.locator(".copy:visible").first.click()
    assert clipboard(page) == "\n".join(shells.setup(cell.recipe)).encode()
    commands = shells.check(cell.recipe)
    for button, command in zip(shown.locator(".checks .copy").all(), commands, strict=True):
        button.click()
        assert clipboard(page) == command.encode()
        assert button.inner_text() == "Copied"
    context.close()


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()").encode()


def test_a_choice_is_kept_in_the_address_and_found_again(browser, address):
    page = browser.new_page()
    page.goto(address + "tf/2.15/")
    tab = page.get_by_role("tab")
    tab.get_by_text("Linux on Arm", exact=True).click()
    assert page.url.endswith("#on-linux-aarch64-cpu-3.11")
    page.goto(address + "tf/2.15/#on-linux-x86_64-cuda-3.10")
    page.reload()
    assert page.locator("[id='on-linux-x86_64-cuda-3.10']").is_visible()
    assert page.locator("#on-linux-x86_64-cpu").is_hidden()
    chosen = page.locator('[role="tab"][aria-selected="true"]:visible')
    assert chosen.all_inner_texts() == ["Linux", "CUDA", "3.10", "pip"]
    page.close()


def test_choices_are_made_with_the_keyboard_alone(browser, address):
    page = browser.new_page()
    page.goto(address + "tf/2.15/")
    page.locator("#tab-on-linux-x86_64").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#on-wsl2").is_visible()
    page.keyboard.press("End")
    assert page.locator("#on-linux-aarch64").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.locator("#on-linux-x86_64").is_visible()
    page.close()


def test_without_scripts_every_choice_is_on_the_page(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "tf/2.15/")
    assert page.locator("#on-windows-x86_64").is_visible()
    assert page.locator("[id='on-linux-x86_64-cuda-3.9']").is_visible()
    assert page.locator("[id='on-linux-x86_64-cuda-3.9-docker']").is_visible()
    assert page.get_by_role("tab").count() == 0
    context.close()


def test_a_choice_is_made_everywhere_it_can_be(browser, address):
    page = browser.new_page()
    page.goto(address + "tf/2.15/")
    page.locator("[id='tab-on-linux-x86_64-cpu-3.10']").click()
    page.locator("[id='tab-on-linux-x86_64-cpu-3.10-uv']").click()
    assert page.url.endswith("#on-linux-x86_64-cpu-3.10-uv")
    page.locator("#tab-on-wsl2").click()
    page.locator("#tab-on-wsl2-cuda").click()
    assert page.url.endswith("#on-wsl2-cuda-3.10-uv")
    assert page.locator("[id='on-wsl2-cuda-3.10-uv'] pre").is_visible()
    page.reload()
    assert page.locator("[id='on-wsl2-cuda-3.10-uv'] pre").is_visible()
    page.close()


def test_the_matrix_is_filtered_and_the_address_keeps_it(browser, address):
    page = browser.new_page()
    page.goto(address + "matrix/", wait_until="networkidle")
    rows = page.locator(".grid tbody tr:visible")
    every = rows.count()
    page.get_by_label("Python", exact=True).select_option("3.12")
    page.get_by_label("How sure").select_option("runs or better")
    left = rows.count()
    assert 0 < left < every
    assert page.get_by_role("status").inner_text() == f"{left} of {every} series"
    shown = page.locator(".grid .square a:visible")
    names = [one.get_attribute("aria-label") for one in shown.all()]
    assert len(names) == left
    assert [name for name in names if "Python 3.12" not in name] == []
    assert page.url.endswith("matrix/?python=3.12&sure=runs+links+runs-gpu")
    page.reload(wait_until="networkidle")
    assert rows.count() == left
    page.locator("#only-cuda").select_option("12.5")
    assert page.locator("#linux-x86_64-cuda").is_visible()
    assert page.locator(".grid tbody tr:visible .cuda").all_inner_texts() == ["12.5"] * rows.count()
    assert rows.count() > 0
    for name in ("python", "cuda", "sure"):
        page.locator(f"#only-{name}").select_option(index=0)
    assert page.get_by_role("status").inner_text() == ""
    assert page.url.endswith("matrix/#linux-x86_64-cuda")
    page.close()


def test_the_grids_headers_stay_in_sight(browser, address):
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto(address + "matrix/")
    grid = page.locator(".grid:visible")
    grid.evaluate("one => one.scrollTo(200, 400)")
    box = grid.bounding_box()
    head = page.locator(".grid:visible thead th").nth(8).bounding_box()
    side = page.locator(".grid:visible tbody th").nth(20).bounding_box()
    assert abs(head["y"] - box["y"]) < 2
    assert abs(side["x"] - box["x"]) < 4
    page.close()


def test_a_square_leads_to_the_run_that_proves_it(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address + "tf/2.15/")
    page.locator(".square.mark-runs a").first.click()
    page.wait_for_url("**/runs/2.15/#run-*")
    anchor = page.url.partition("#")[2]
    assert page.locator(f"[id='{anchor}']").is_visible()
    page.close()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("2.15", "tf/2.15/"),
        ("cu12.2", "cuda/12.2/"),
        ("cu122", "cuda/12.2/"),
        ("cudnn 8.9", "cudnn/8.9/"),
        ("libcudart.so.11.0", "errors/missing-cuda-library/"),
        ("RTX 3090", "gpu/8.6/"),
        ("python 3.13", "python/3.13/"),
        ("sm_86", "gpu/8.6/"),
        ("CUDA 12.5", "cuda/12.5/"),
        ("GTX 1080 Ti", "gpu/6.1/"),
        ("T4", "gpu/7.5/"),
        ("H100", "gpu/9.0/"),
        ("tensorflow 2.10", "tf/2.10/"),
        ("numpy 2", "errors/numpy-2/"),
        ("libcudnn.so.8", "errors/missing-cudnn/"),
        ("CUDA_ERROR_NO_DEVICE", "errors/no-cuda-device/"),
        ("CUDA_ERROR_INVALID_PTX", "errors/blackwell-invalid-ptx/"),
        ("Descriptors cannot be created directly", "errors/protobuf-4/"),
        ("DLL load failed", "errors/windows-dll-load-failed/"),
        ("TF-TRT Warning: Could not find TensorRT", "errors/tensorrt-not-found/"),
        ("module 'tensorflow' has no attribute 'Session'", "errors/tensorflow-1-names/"),
        ("No module named 'tensorflow'", "errors/no-module-tensorflow/"),
    ],
)
def test_search_puts_the_right_page_first(browser, address, question, answer):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address, wait_until="networkidle")
    page.locator("[data-md-component='search-query']").click()
    page.keyboard.type(question)
    page.wait_for_function(
        """wanted => {
            const first = document.querySelector(".md-search-result__list a");
            return first && new URL(first.href).pathname === wanted;
        }""",
        arg=f"/{answer}",
        timeout=10_000,
    )
    page.close()


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("", "errors/pip-too-old/"),
        ("libcudart.so.11.0", "errors/missing-cuda-library/"),
        ("PTX driver", "errors/ptxas-by-driver/"),
        (
            "E0000 cuda.cc: kernel driver does not appear to be running",
            "errors/driver-not-running/",
        ),
    ],
)
def test_messages_are_filtered_by_a_part_or_by_more(browser, address, typed, left):
    page = browser.new_page()
    page.goto(address + "errors/")
    page.get_by_label("Filter by a part of the message").fill(typed)
    assert page.locator(f'li a[href$="/{left}"]').is_visible()
    shown = page.locator(".errors li:visible").count()
    assert (shown > 50) == (typed == "")
    page.get_by_label("Filter by a part of the message").fill("nothing says this")
    assert page.locator(".errors li:visible").count() == 0
    assert page.get_by_text("No message that we know").is_visible()
    page.close()
