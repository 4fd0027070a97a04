"""The finder in a real browser: the cases that Python answers too, and as a person uses it."""

import itertools
import json
import random

import pytest

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.answers.gpu_asked import understood
from kb.base.json_values import json_text, json_value
from kb.base.store import Store
from kb.base.versions import key, series
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu, normalised
from kb.index.gpus import meaning
from kb.index.records import open_index, parse
from tests.kb.test_find_cases import CASES, FILE
from tests.kb.test_other_gpus import OTHER_SPELLINGS

pytestmark = pytest.mark.browser

ASK = """async () => {
    const rules = await import("../assets/find-rules.js");
    const { nearestChanges } = await import("../assets/nearest-changes.js");
    const reply = await fetch("../api/v1/find.json");
    window.index = rules.opened(await reply.json());
    window.rules = rules;
    window.whole = (question) => {
        const found = rules.find(index, question);
        return { ...found, nearest: nearestChanges(index, found) };
    };
}"""
PART = ("release", "kind", "distribution", "platform", "python", "device", "rung", "trust")
ALSO = ("release", "python", "certain", "rung", "sure")
TEXTS = ("setup", "setup_reasons", "check", "caveats", "because")


@pytest.fixture(scope="module")
def rules(browser, address):
    """Open a page on which the finder's rules and its index are at hand."""
    page = browser.new_page()
    page.goto(address + "find/")
    page.evaluate(ASK)
    yield page
    page.close()


def as_json(records):
    return [json.loads(json_text(record)) for record in records]


def ask(page, *questions):
    return page.evaluate("questions => questions.map((one) => whole(one))", questions)


def reasons(found):
    return {
        one["series"]: [[reason["rule"], reason["text"]] for reason in one["reasons"]]
        for one in found["rejected"]
    }


def instead(found):
    return {
        one["series"]: [text for reason in one["reasons"] for text in reason["instead"]]
        for one in found["rejected"]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_is_answered_as_it_says(case, rules):
    (found,) = ask(rules, case["question"])
    answer = found["answer"]
    if "answer" in case:
        expected = case["answer"]
        assert (answer is None) == (expected is None)
        assert {name: answer[name] for name in expected or ()} == (expected or {})
    if "newest" in case:
        assert key(answer["release"]) >= key(case["newest"])
    for text in case.get("setup", ()):
        assert text in "\n".join(answer["setup"])
    for text in case.get("caveats", ()):
        assert text in answer["caveats"]
    fitting = {series(one["release"]) for one in (answer, *found["also"]) if one}
    assert set(case.get("fits", ())) <= fitting
    for name, expected in case.get("rejected", {}).items():
        assert reasons(found)[name] == expected
    for name, texts in case.get("instead", {}).items():
        assert instead(found)[name] == texts


def test_names_mean_what_python_takes_them_for(rules):
    names = [*FILE["gpus"], *(gpu.name for gpu in Store().gpus().gpus)]
    keys = rules.evaluate("names => names.map((one) => rules.normalised(index, one))", names)
    assert keys == [normalised(name) for name in names]
    told = rules.evaluate("names => names.map((one) => rules.meaning(index, one))", names)
    meant = {name: one["capabilities"] for name, one in zip(names, told, strict=True)}
    assert {name: meant[name] for name in FILE["gpus"]} == {
        name: [capability] for name, capability in FILE["gpus"].items()
    }


@pytest.mark.parametrize("system", ["linux", "macos"])
def test_other_makers_gpus_mean_what_python_takes_them_for(rules, site, system):
    index = parse((site.folder / "api/v1/find.json").read_text(encoding="utf-8"))
    names = [*OTHER_SPELLINGS, *(gpu.name for gpu in Store().other_gpus().gpus)]
    told = rules.evaluate(
        "([names, os]) => names.map((one) => rules.meaning(index, one, os))", [names, system]
    )
    expected = [meaning(name, index, system) for name in names]
    assert [[one["maker"], one["capabilities"], one["kind"]] for one in told] == [
        [one.maker, list(one.capabilities), one.kind] for one in expected
    ]


def questions():
    """Yield questions of every system, Python, maker and generation of GPUs."""
    systems = [
        *itertools.product(("linux", "windows"), ("x86_64", "arm64")),
        ("linux", "armv7l"),
        ("wsl2", "x86_64"),
        *itertools.product(("macos",), ("arm64", "x86_64")),
    ]
    gpus = [
        {"device": "cpu", "glibc": "2.17", "macos": "11.0"},
        *({"device": "gpu", "maker": one} for one in ("nvidia", "amd", "intel", "apple")),
        {"device": "gpu", "maker": "amd", "gpu_kind": "gfx1100"},
        {"device": "gpu", "maker": "amd", "gpu_kind": "gfx900"},
        {"device": "gpu", "maker": "amd", "gpu": "Radeon", "gpu_kind": "gfx1031"},
        {"device": "gpu", "maker": "amd", "gpu": "Radeon RX 6500 XT"},
        {"device": "gpu", "maker": "intel", "gpu_kind": "Arc A-Series"},
        {"device": "gpu", "maker": "intel", "gpu_kind": "Arc B-Series"},
        {"device": "gpu", "compute_capability": "5.3"},
        {"device": "gpu", "compute_capability": "3.5", "driver": "470.82.01"},
        {"device": "gpu", "compute_capability": "6.1", "driver": "580.65.06"},
        {"device": "gpu", "compute_capability": "8.6", "driver": "535.104.05"},
        {"device": "gpu", "compute_capability": "9.0", "cuda": "11.8"},
        {"device": "gpu", "compute_capability": "12.0", "cuda": "12.8"},
    ]
    pythons = (None, "2.7", "3.6", "3.8", "3.10", "3.12", "3.14")
    for (os, arch), python, gpu in itertools.product(systems, pythons, gpus):
        yield {"os": os, "arch": arch, "python": python, **gpu}


def test_the_browser_finds_what_python_finds(rules, site):
    index = parse((site.folder / "api/v1/find.json").read_text(encoding="utf-8"))
    asked = list(questions())
    assert len(asked) > 400
    for question, found in zip(asked, ask(rules, *asked), strict=True):
        expected = find(index, MachineQuestion(**question))
        for name in ("answer", "proven"):
            assert part(found[name]) == part_of(getattr(expected, name)), question
        also = [[one[name] for name in ALSO] for one in found["also"]]
        assert also == [[getattr(one, name) for name in ALSO] for one in expected.also], question
        assert reasons(found) == {
            one.series: [[reason.rule, reason.text] for reason in one.reasons]
            for one in expected.rejected
        }, question
        assert found["elsewhere"] == as_json(expected.elsewhere), question
        nearest = as_json(expected.nearest)
        assert same(found["nearest"], nearest) == nearest, question
        said = [
            [reason["instead"], reason["sources"]]
            for one in found["rejected"]
            for reason in one["reasons"]
        ]
        assert said == [
            [list(reason.instead), list(reason.sources)]
            for one in expected.rejected
            for reason in one.reasons
        ], question


def part(fit):
    return fit and [*(fit[name] for name in (*PART, "proof")), *(fit[name] for name in TEXTS)]


def part_of(fit):
    return fit and [
        *(getattr(fit, name) for name in PART),
        json_value(fit.proof),
        *(list(getattr(fit, name)) for name in TEXTS),
    ]


OTHERS = (
    *(
        "Radeon RX 7900 XTX",
        "AMD Instinct MI250X",
        "ATI FirePro W9100",
        "Intel Arc A770",
        "UHD 770",
    ),
    *(
        "Apple M2 Max",
        "m3",
        "Jetson AGX Orin",
        "DGX Spark",
        "GTX 9999",
        "Voodoo 3",
        "",
        " ",
        "nvidia",
    ),
    *("sm_86", "SM 90a", "compute_70", "compute capability: 8.9", "cc 7.5", "8.6", "sm_99", "9.9"),
)
SPELLINGS = (
    *("{}", "{}", " {} ", "{}\n", "NVIDIA {}", "nvidia geforce {}", "GeForce {} 24GB", "{} (TM)"),
    *(
        "{} Laptop GPU",
        "{} Max-Q",
        "Tesla {}-SXM4-80GB",
        "{}\u00a0\u2122",
        "\u0130{}",
        "\U0001f600{}",
    ),
    "GPU 0: NVIDIA {} (UUID: GPU-12345678-1234-1234-1234-123456789abc)",
    "01:00.0 VGA compatible controller: NVIDIA Corporation GA102 [GeForce {}] (rev a1)",
    "|   0  NVIDIA {}          On  | 00000000:01:00.0 Off |",
    "\U0001f600" * 250 + "{}",
    "x" * 299 + " {}",
)
ODDITIES = (
    *(str, str.lower, str.upper, str.title),
    lambda name: name.replace(" ", ""),
    lambda name: name.replace(" ", "-"),
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace(" ", "_"),
)


def random_questions(number):
    """Return questions of all kinds, the same each time: systems, Pythons, devices, drivers, and
    GPUs by their makers, their compute capabilities, and their names in odd spellings.
    """
    chance = random.Random(2_026)
    names = [gpu.name for gpu in Store().gpus().gpus]
    capabilities = [*open_index(Store()).capabilities, "9.9"]
    choices = {
        "os": ("linux", "linux", "wsl2", "windows", "macos"),
        "arch": ("x86_64", "x86_64", "arm64"),
        "python": (None, "2.7", "3.5", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"),
        "device": ("gpu", "gpu", "cpu", None),
        "maker": (None, None, None, "nvidia", "amd", "intel", "apple"),
        "driver": (
            None,
            None,
            "390.48",
            "450.80.02",
            "470.82",
            "528.33",
            "535.104.05",
            "580.65.06",
        ),
        "cuda": (None, None, None, "9.0", "10.1", "11.2", "11.8", "12.4", "13.0"),
        "glibc": (None, None, "2.12", "2.17", "2.27", "2.39"),
        "macos": (None, None, "10.11", "11.0", "12.1", "15.0"),
    }
    for _ in range(number):
        question = {name: chance.choice(some) for name, some in choices.items()}
        kind = chance.randrange(5)
        if kind < 3:
            name = chance.choice(names if kind else OTHERS)
            question["gpu"] = chance.choice(SPELLINGS).format(chance.choice(ODDITIES)(name))
        elif kind == 3:
            question["compute_capability"] = chance.choice(capabilities)
        told = chance.sample(sorted(question), chance.randint(0, len(question)))
        yield {name: question[name] for name in told}


ANSWER = """questions => questions.map((one) => {
    const { question, ...matter } = rules.understood(index, one);
    return question ? whole(question) : matter;
})"""


def whole(found):
    """Return all that Python says to a question, in the form of the browser's answer."""
    return {
        "asked": found.question._asdict(),
        "answer": found.answer and json_value(found.answer),
        "proven": found.proven and json_value(found.proven),
        "also": [json_value(one) for one in found.also],
        "rejected": [
            {
                "series": one.series,
                "release": one.release,
                "kind": one.kind,
                "reasons": [
                    {
                        "rule": reason.rule,
                        "text": reason.text,
                        "instead": list(reason.instead),
                        "sources": list(reason.sources),
                    }
                    for reason in one.reasons
                ],
            }
            for one in found.rejected
        ],
        "nearest": as_json(found.nearest),
    }


def same(answer, expected):
    """Return of the browser's answer what Python says too: it knows more of each fit."""
    if isinstance(expected, dict):
        return {name: same(answer[name], value) for name, value in expected.items()}
    if isinstance(expected, list) and len(expected) == len(answer):
        return [same(one, other) for one, other in zip(answer, expected, strict=True)]
    return answer


def test_a_thousand_random_questions_are_answered_alike(rules):
    index, store = open_index(Store()), Store()
    questions = list(random_questions(1_000))
    kinds = set()
    for question, answer in zip(questions, rules.evaluate(ANSWER, questions), strict=True):
        try:
            asked = understood(MachineQuestion(**question), index, store)
        except AmbiguousGpu as error:
            expected = {"choices": [choice.compute_capability for choice in error.choices]}
            kinds.add("choices")
        except UnknownGpu:
            expected = {"unknown": question.get("compute_capability") or question["gpu"]}
            kinds.add("unknown")
        else:
            expected = whole(find(index, asked))
            kinds.add((asked.maker, expected["answer"] is None))
        assert same(answer, expected) == expected, question
    makers = ("nvidia", "amd", "intel", "apple")
    assert kinds == {"choices", "unknown", *itertools.product((None, *makers), (True, False))}


def test_what_fits_leads_to_its_proof(rules, site):
    asked = list(questions())[::3]
    for found in ask(rules, *asked):
        for one in filter(None, (found["answer"], found["proven"], *found["also"])):
            anchor = f"on-{one['platform']}-{one['device']}-{one['python']}"
            assert one["plugin"] or anchor in site.pages[f"tf/{one['series']}/"].ids()


def test_a_gpu_is_typed_the_snippet_copied_and_the_link_kept(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Python").select_option("3.12")
    page.get_by_label("GPU", exact=True).first.check()
    page.locator("#ask-gpu").fill("RTX 3090")
    page.get_by_text("It has machine code that serves compute capability 8.6").wait_for()
    page.get_by_role("link", name="Check it, and see what else fits").click()
    page.wait_for_url("**/find/?*")
    expected = find(
        open_index(Store()),
        MachineQuestion(python="3.12", device="gpu", compute_capability="8.6", driver="535.104.05"),
    ).answer
    page.get_by_label("Driver").fill("535.104.05")
    title = page.get_by_role("status")
    said = f"{expected.distribution} {expected.release} on Python 3.12, CUDA"
    page.get_by_text("Driver 535.104.05 is not older").wait_for()
    assert title.inner_text() == said
    page.locator("#told .copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "\n".join(expected.setup)
    shown = page.locator("#told").inner_text()
    page.goto(page.url)
    page.get_by_text("Driver 535.104.05 is not older").wait_for()
    assert page.get_by_label("GPU", exact=True).last.input_value() == "RTX 3090"
    assert title.inner_text() == said
    assert page.locator("#told").inner_text() == shown.replace("Copied", "Copy")
    page.get_by_role("link", name="See the proof").click()
    page.wait_for_url(f"**/tf/{series(expected.release)}/#on-linux-x86_64-cuda-3.12")
    context.close()


@pytest.mark.parametrize(
    ("choice", "says", "tells"),
    [
        ("gpu=GTX+9999+no+such", "No GPU is known as “GTX 9999 no such”", ""),
        ("device=gpu&driver=new", "A driver version is written like", ""),
        ("gpu=8.6&python=3.12", "tensorflow 2.", "Needs driver"),
        ("os=windows-x86_64&gpu=RTX+3090&python=3.10", "2.10.1 on", "no CUDA on Windows"),
        ("os=windows-arm64", "No release fits.", "no series has one"),
        ("gpu=8.7&python=3.10", "No release fits.", "no CUDA on Linux Arm64"),
        ("os=nonsense&python=%3Cscript%3E", "tensorflow", "Sure"),
        ("gpu=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E", "No GPU is known as “<img src=x", ""),
    ],
)
def test_choices_in_the_address_are_answered_in_words(browser, address, choice, says, tells):
    page = browser.new_page()
    page.goto(f"{address}find/?{choice}", wait_until="networkidle")
    assert says in page.get_by_role("status").inner_text()
    assert tells.lower() in page.locator("#told").text_content().lower()
    assert page.locator("#told img, #summary img").count() == 0
    page.close()


def test_a_name_of_several_gpus_asks_which(browser, address):
    several = next(
        name
        for name in (gpu.name for gpu in Store().gpus().gpus)
        if len([one for one, keys in open_index(Store()).gpus.items() if normalised(name) in keys])
        > 1
    )
    page = browser.new_page()
    page.goto(f"{address}find/", wait_until="networkidle")
    page.get_by_label("GPU", exact=True).first.check()
    page.locator("#ask-gpu").fill(several)
    button = page.locator("#told .which button").first
    button.wait_for()
    chosen = button.inner_text()
    button.click()
    assert page.locator("#ask-gpu").input_value() == chosen
    assert "on Python" in page.get_by_role("status").inner_text()
    page.close()


def test_the_keyboard_alone_is_enough(browser, address):
    page = browser.new_page()
    page.goto(f"{address}find/", wait_until="networkidle")
    page.locator("#ask-os").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("T4")
    page.wait_for_url("**gpu=T4")
    page.get_by_text("It has machine code that serves compute capability 7.5").wait_for()
    page.close()


def test_without_scripts_the_matrix_stands_in_for_the_finder(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="See what there is").click()
    page.wait_for_url("**/find/?*")
    assert page.get_by_role("heading", name="macOS, Apple silicon").is_visible()
    page.get_by_label("R runs: 2.15, Python 3.11").click()
    page.wait_for_url("**/tf/2.15/#on-linux-x86_64-cpu-3.11")
    context.close()


def test_home_answers_as_one_chooses_and_copies_the_set_up(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    index = open_index(Store())
    expected = find(index, MachineQuestion()).answer
    said = f"{expected.distribution} {expected.release} on Python {expected.python}, CPU"
    assert page.get_by_role("status").inner_text() == said
    page.get_by_label("System").select_option("WSL2")
    page.get_by_label("Python").select_option("3.10")
    expected = find(index, MachineQuestion(os="wsl2", python="3.10")).answer
    assert "on Python 3.10, CPU" in page.get_by_role("status").inner_text()
    page.locator("#told .copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(expected.setup)
    assert page.url == address
    page.get_by_role("link", name="See the proof").click()
    page.wait_for_url(f"**/tf/{series(expected.release)}/#on-wsl2-cpu-3.10")
    assert page.locator("#on-wsl2").is_visible()
    page.go_back()
    page.get_by_label("Python").select_option("2.7")
    page.get_by_role("link", name="Check it, and see what else fits").click()
    page.wait_for_url("**/find/?*python=2.7*")
    context.close()


def test_where_nothing_fits_the_nearest_changes_stand_with_their_commands(browser, address):
    page = browser.new_page()
    page.goto(f"{address}find/?os=windows-x86_64&python=3.12&gpu=RTX+4060")
    page.get_by_text("What comes nearest").wait_for()
    command = 'tensorflow-compat find --os wsl2 --python 3.12 --gpu "RTX 4060"'
    assert command in page.locator("#told .nearest").inner_text()
    assert "Not run on WSL2 yet." in page.locator("#told .nearest").inner_text()
    assert "Use WSL2" not in page.locator("#told").inner_text()  # the nearest change says it
    index = open_index(Store())
    asked = MachineQuestion(os="wsl2", python="3.12", gpu="RTX 4060", compute_capability="8.9")
    best = find(index, asked).answer
    said = f"{best.distribution} {best.release} on Python 3.12, CUDA"
    page.get_by_role("link", name=said).click()
    page.wait_for_url("**os=wsl2-x86_64**")
    page.get_by_text("Set up").first.wait_for()
    assert page.get_by_role("status").inner_text() == said
    page.close()
