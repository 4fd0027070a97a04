import base64
import hashlib
import itertools
import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from kb.answers.messages import PLACEHOLDER, title_of
from kb.answers.releases import VersionQuestion
from kb.base.store import Store
from kb.base.versions import series
from kb.diff.answer import diff
from kb.diff.page import shown_lines
from kb.lookup import document as as_json
from kb.lookup.answer import lookup
from tests.pages.built_site import ADDRESS, ROOT

SERIES = Store().series_names()
HEADINGS = {
    "": ["Will this TensorFlow run here?", "Newest releases", "How sure we are"],
    "find/": ["Find the release that fits"],
    "errors/": ["Error messages", "Faults", "Harmless"],
    "errors/missing-cuda-library/": [
        "A library of the CUDA toolkit is missing",
        "Cause",
        "What to do",
        "Which library is of what",
    ],
    "matrix/": ["Every series, every Python"],
    "tf/": ["Releases"],
    "tf/2.15/": ["TensorFlow 2.15", "At a glance", "Set up", "How sure we are", "Sources"],
    "tf/1.15/": ["TensorFlow 1.15", "Set up", "Releases of this series"],
    "python/3.12/": ["TensorFlow on Python 3.12"],
    "cuda/12.5/": ["TensorFlow with CUDA 12.5"],
    "gpu/8.9/": ["GPUs of compute capability 8.9", "Its GPUs", "Which series have code for it"],
    "runs/2.15/": ["Runs of TensorFlow 2.15"],
    "which-python-for-a-gpu/": [
        "What Python version is required to run TensorFlow with a GPU?",
    ],
    "contribute/": ["Contribute a run", "Run it", "Send it"],
    "for-machines/": ["For machines", "JSON", "Badges"],
}


def headings(page):
    return [one.text.strip() for one in page.elements if one.tag in ("h1", "h2")]


def test_a_strict_build_warns_of_nothing(site):
    assert "WARNING" not in site.said
    assert "ERROR" not in site.said


def test_a_build_leaves_the_sources_of_the_site_as_they_were(site):
    assert site.before == site.after
    assert "templates/series.md.j2" in site.after


@pytest.mark.parametrize("address", HEADINGS)
def test_pages_have_their_headings(site, address):
    found = headings(site.pages[address])
    assert [one for one in found if one in HEADINGS[address]] == HEADINGS[address]


def test_every_page_has_one_main_heading(site):
    assert {address: len(page.all("h1")) for address, page in site.pages.items()} == dict.fromkeys(
        site.pages, 1
    )


def test_every_series_has_its_page_its_json_and_its_badge(site):
    for name in SERIES:
        assert f"tf/{name}/" in site.pages
        answer = lookup(Store(), VersionQuestion(version=name), with_plugins=True)
        document = (site.folder / f"api/v1/series/{name}.json").read_text(encoding="utf-8")
        assert json.loads(document) == json.loads(as_json.document(answer))
        badge = json.loads((site.folder / f"badges/{name}.json").read_text(encoding="utf-8"))
        assert badge["label"] == f"TensorFlow {name}"
        assert badge["schemaVersion"] == 1


def test_the_index_for_machines_names_files_that_are_there(site):
    api = site.folder / "api/v1"
    index = json.loads((api / "index.json").read_text(encoding="utf-8"))
    assert [one["series"] for one in index["series"]] == list(reversed(SERIES))
    for name in (*index["files"].values(), *(one["file"] for one in index["series"])):
        assert json.loads((api / name).read_text(encoding="utf-8"))["format"] == 1


def kind_of(path):
    return path.parent.name if path.parent.name == "series" else path.stem


def test_every_document_for_machines_matches_its_schema(site):
    api = site.folder / "api/v1"
    schema = json.loads((api / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    documents = [path for path in api.rglob("*.json") if path.name != "schema.json"]
    assert {kind_of(path) for path in documents} == {
        one["$ref"].removeprefix("#/$defs/") for one in schema["anyOf"]
    }
    for path in documents:
        own = {**schema, "anyOf": [{"$ref": f"#/$defs/{kind_of(path)}"}]}
        jsonschema.Draft202012Validator(own).validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("series", lambda one: one.pop("release")),
        ("series", lambda one: one["builds"][0]["cells"][0].update(standing="fine")),
        ("series", lambda one: one["builds"][0].update(python=[3.11])),
        ("index", lambda one: one["series"][0].pop("file")),
        ("gpus", lambda one: one["gpus"][0].update(compute_capability=8.6)),
        ("runs", lambda one: one["runs"][0].update(trust="trust me")),
        ("problems", lambda one: one.update(format=2)),
    ],
)
def test_a_document_that_breaks_the_promise_does_not_match(site, kind, change):
    api = site.folder / "api/v1"
    path = api / ("series/2.15.json" if kind == "series" else f"{kind}.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((api / "schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator({**schema, "anyOf": [{"$ref": f"#/$defs/{kind}"}]})
    assert validator.is_valid({**document, "new": 1})
    change(document)
    assert not validator.is_valid(document)


def test_every_address_in_llms_txt_is_there(site):
    text = (site.folder / "llms.txt").read_text(encoding="utf-8")
    addresses = re.findall(r"\]\(([^)]+)\)", text)
    assert len(addresses) > len(SERIES)
    assert [one for one in addresses if not (site.folder / one).exists()] == []


def test_the_feed_tells_of_releases_and_runs_by_day(site):
    text = (site.folder / "feed.xml").read_text(encoding="utf-8")
    feed = ET.fromstring(text)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    days = [one.findtext(f"{atom}updated") for one in entries]
    assert len(days) == 60
    assert days == sorted(days, reverse=True)
    assert feed.findtext(f"{atom}updated") == days[0]
    assert len({one.findtext(f"{atom}id") for one in entries}) == len(entries)
    titles = [one.findtext(f"{atom}title") for one in entries]
    assert "TensorFlow 2.21.0" in titles
    assert [title for title in titles if "of TensorFlow" in title]
    for one in entries:
        assert one.find(f"{atom}link").attrib["href"] in site.pages


def test_every_known_message_has_its_page(site):
    store = Store()
    problems = {one.id: one for one in store.problems().problems}
    listed = {path for path, _ in site.pages["errors/"].targets()}
    for error in store.errors().errors:
        address = f"errors/{error.id}/"
        page = site.pages[address]
        own = tuple(problems[name] for name in error.problems)
        assert [one.text for one in page.all("h1")] == [title_of(error, own)]
        texts = [one.text for one in page.all("code")]
        assert [one.text.strip() for one in error.patterns if one.text.strip() not in texts] == []
        links = {one.attributes.get("href") for one in page.all("a")}
        assert {*error.sources, *(url for one in own for url in one.sources)} <= links
        assert "What to do" in headings(page) or error.severity == "harmless"
        assert address in listed
        assert "{" not in "".join(one.text for one in page.all("h1"))


def test_a_message_has_no_place_that_is_not_filled_in(site):
    for address, page in site.pages.items():
        if address.startswith("errors/"):
            article = page.html.partition("<article")[2].partition("</article>")[0]
            assert PLACEHOLDER.findall(re.sub("<code>.*?</code>", "", article)) == [], address


def test_each_command_of_a_way_out_can_be_copied_and_no_sentence_can(site):
    store = Store()
    problems = {one.id: one for one in store.problems().problems}
    copied = re.compile(
        r'class="copy">Copy</button></figcaption>\s*<pre[^>]*><span><code>(.*?)</code>'
    )
    for error in store.errors().errors:
        ways = (*error.fix, *(way for name in error.problems for way in problems[name].way_out))
        commands = [way.command for way in ways if way.command]
        fixed = [command for command in commands if not PLACEHOLDER.search(command)]
        shown = [unescape(text) for text in copied.findall(site.pages[f"errors/{error.id}/"].html)]
        assert set(fixed) <= set(shown), error.id
        assert len(shown) <= len(set(commands)), error.id
        assert not [text for text in shown if PLACEHOLDER.search(text) or "…" in text], error.id


def test_a_library_is_told_with_its_cuda_and_the_series_built_with_it(site):
    page = site.pages["errors/missing-cuda-library/"]
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*libcudart\.so\.11\.0.*?</tr>", page.html)
    assert "<td>CUDA 11.0 to 11.8</td><td>2.4 to 2.14</td>" in row
    assert "libcudnn.so.8" in {one.text for one in site.pages["errors/missing-cudnn/"].all("code")}


def test_a_series_tells_its_rocm_and_its_plugins(site):
    page = site.pages["tf/2.14/"].html
    assert "6.0.0, for tensorflow-rocm 2.14.0.600" in page
    assert "by the plug-in tensorflow-metal 1.1.0 on macOS Arm64" in page


def test_the_finder_proposes_the_gpus_of_every_maker(site):
    proposed = {one.attributes.get("value") for one in site.pages["find/"].all("option")}
    assert {"Radeon RX 7900 XTX", "Arc A770", "Instinct MI300X"} & proposed


def test_a_known_problem_leads_to_its_message(site):
    links = {path for path, _ in site.pages["tf/2.12/"].targets()}
    assert "errors/tensorflow-gpu-removed/" in links


def test_every_gpu_has_an_anchor_of_its_own(site):
    for gpu in Store().gpus().gpus:
        page = site.pages[f"gpu/{gpu.compute_capability}/"]
        ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids)), page.address
        assert gpu.name in [one.text for one in page.all("h3")]


def test_what_changed_is_what_kb_diff_says(site):
    names = SERIES[-6:]
    for before, after in itertools.pairwise(names):
        html = site.pages[f"tf/{after}/"].html
        found = diff(Store(), before, after)
        lines, _ = shown_lines(found.changes, found.titles)
        assert f"What changed since {before}" in html
        assert lines
        for line in lines:
            assert f'<tr><th scope="row">{line.title}</th>' in html


def test_a_set_up_by_uv_says_what_came_of_it(site):
    failed = [one for one in Store().tools().trials if one.why]
    assert failed
    for one in failed:
        page = site.pages[f"tf/{series(one.release)}/"]
        anchor = f"on-{one.platform}-{one.device}-{one.python}-uv"
        told_here = page.html.partition(f'id="{anchor}"')[2].partition("</section>")[0]
        assert one.why.partition(":")[0] in told_here
        assert "<pre" not in told_here
    page = site.pages["tf/2.15/"].html
    assert "Carried out by uv" in page.partition('id="on-linux-x86_64-cpu-3.11-uv"')[2][:400]


def test_the_finder_reads_the_index_that_kb_find_reads(site):
    text = (site.folder / "api/v1/find.json").read_text(encoding="utf-8")
    assert text == Store().index_text()


def test_every_linux_cpu_snippet_is_the_one_of_its_recipe(site):
    for name in SERIES:
        answer = json.loads(as_json.document(lookup(Store(), VersionQuestion(version=name))))
        linux = [build for build in answer["builds"] if build["platform"] == "linux-x86_64"]
        cells = [cell for build in linux for cell in build["cells"] if cell["device"] == "cpu"]
        if not cells:
            continue
        of_recipe = {cell["recipe"]: "\n".join(cell["setup"]) for cell in cells}
        page = site.pages[f"tf/{name}/"]
        shown = snippets(page, "on-linux-x86_64-cpu-")
        assert {cell["python"] for cell in cells} == {
            re.fullmatch(r"on-linux-x86_64-cpu-([0-9.]+)(?:-(?:pip|uv|conda|docker))?", one)[1]
            for one in page.ids()
            if one.startswith("on-linux-x86_64-cpu-")
        }
        known = {recipe: text for recipe, text in shown.items() if recipe in of_recipe}
        assert known, name
        assert known == {recipe: of_recipe[recipe] for recipe in known}
        texts = {code.text for code in page.all("code")}
        recipes = [cell for cell in cells if cell["recipe"] in known]
        assert {check for cell in recipes for check in cell["check"]} <= texts
        printed = {samp.text for samp in page.all("samp")}
        assert {line for cell in recipes for line in cell["expected"]} <= printed


def snippets(page, where):
    """Return the text of each set-up by its recipe, read from the parts of the HTML whose ids begin
    so: for another system the same recipe has another text.
    """
    parts = re.split(r'(?=id="on-)', page.html)
    html = "".join(part for part in parts if part.startswith(f'id="{where}'))
    found = re.findall(
        r'<figure class="snippet" data-cell="([0-9a-f]{16})">.*?<code>(.*?)</code>',
        html,
        re.DOTALL,
    )
    codes = {one.text for one in page.all("code")}
    texts = {recipe: unescape(text) for recipe, text in found}
    assert set(texts.values()) <= codes
    return texts


def unescape(text):
    for name, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#34;", '"'),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(name, sign)
    return text


def test_every_link_and_anchor_inside_the_site_resolves(site):
    anchors = {address: page.ids() for address, page in site.pages.items()}
    dead = []
    for address, page in site.pages.items():
        if address == "404.html":
            continue  # its links are from the root of the site, wherever that is
        for path, anchor in set(page.targets()):
            is_there = path in anchors or (site.folder / path).is_file()
            if not is_there or (anchor and anchor not in anchors.get(path, ())):
                dead.append((address, path, anchor))
    assert dead == []


def test_nothing_is_loaded_from_another_host(site):
    loaded = [
        (address, one.attributes[name])
        for address, page in site.pages.items()
        for one in page.elements
        for name in ("src", "href", "srcset", "action", "data", "poster")
        if name in one.attributes and one.tag != "a"
        if urlsplit(one.attributes[name]).netloc
        and one.attributes.get("rel") != "canonical"
        and address != "404.html"
    ]
    assert loaded == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "site/docs/assets").glob("*.[cj]s*")), ids=lambda path: path.name
)
def test_own_styles_and_scripts_name_no_other_host(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text) == []
    assert "@import" not in text
    assert "innerHTML" not in text


def test_a_strict_policy_allows_the_inline_scripts_of_the_theme_and_nothing_else(site):
    for address, page in site.pages.items():
        policies = [
            one.attributes["content"]
            for one in page.all("meta")
            if one.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, address
        assert "unsafe" not in policies[0]
        assert policies[0].startswith("default-src 'none'; script-src 'self' 'sha256-")
        inline = [one for one in page.all("script") if one.attributes == {}]
        for one in inline:
            digest = base64.b64encode(hashlib.sha256(one.text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policies[0]
        on = [name for one in page.elements for name in one.attributes if name.startswith("on")]
        assert on == []
        assert [
            one for one in page.elements if "style" in one.attributes or one.tag == "style"
        ] == []


def test_every_square_of_a_grid_leads_to_what_proves_it(site):
    page = site.pages["tf/2.15/"]
    squares = re.findall(r'<td class="square mark-([a-z-]+)"><a href="([^"]+)"', page.html)
    assert len(squares) > 10
    for name, href in squares:
        if name in ("runs", "links", "runs-gpu"):
            assert href.startswith("../../runs/2.15/#run-")
        else:
            assert href.removeprefix("#") in page.ids()


def test_what_one_runner_alone_saw_on_a_gpu_is_told_as_that(site):
    for name in ("2.15", "2.18", "2.19"):
        answer = lookup(Store(), VersionQuestion(version=name))
        cells = [cell for build in answer.builds for cell in build.cells]
        is_alone = any(cell.standing.is_alone for cell in cells)
        assert ("runs-gpu (1 runner)" in site.pages[f"tf/{name}/"].html) == is_alone


def test_every_run_says_who_ran_it(site):
    page = site.pages["runs/2.15/"].html
    assert page.count('<article class="run"') == page.count("<dt>Runner</dt>") > 0


def test_the_picture_of_how_sure_we_are_says_in_words_what_it_shows(site):
    home = site.pages[""]
    (text,) = re.findall(r"<desc[^>]*>Of (\d+) cells (.*?)\.</desc>", home.html)
    numbers = [int(number) for number in re.findall(r"(\d+) stand on", text[1])]
    assert sum(numbers) == int(text[0]) > 1000
    assert len(re.findall(r'<rect class="bar', home.html)) == len(numbers)


def test_the_question_is_answered_in_the_first_two_sentences(site):
    page = site.pages["which-python-for-a-gpu/"]
    (first,) = re.findall(r"</h1>\s*<p>(.*?)</p>", page.html, re.DOTALL)
    one, two = re.split(r"\.\s", first, maxsplit=1)
    assert "CUDA, cuDNN" in one
    assert "driver" in one
    assert "a wheel for" in two


def test_the_sitemap_lists_every_page(site):
    text = (site.folder / "sitemap.xml").read_text(encoding="utf-8")
    listed = set(re.findall(f"<loc>{re.escape(ADDRESS)}([^<]*)</loc>", text))
    assert listed == set(site.pages) - {"404.html"}
