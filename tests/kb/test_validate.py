import re
from typing import NamedTuple

import pytest

from kb.base.model import (
    Bounds,
    Capabilities,
    CellRun,
    CodeFile,
    CudaFile,
    EvidenceFile,
    GpusFile,
    PinsFile,
    PluginFile,
    ProblemsFile,
    PtxVersion,
    ReleaseNote,
    ReleaseNotesFile,
    ResolutionsFile,
    WheelsFile,
)
from kb.base.store import Store
from kb.upkeep.code_rules import code_faults
from kb.upkeep.day_rules import day_faults
from kb.upkeep.release_rules import plugin_faults, series_faults, wheels_faults
from kb.upkeep.table_rules import (
    cuda_faults,
    gpus_faults,
    pins_faults,
    problems_faults,
    release_notes_faults,
    resolutions_faults,
)
from kb.upkeep.validate import validate
from tests.kb.small_base import (
    CUDA,
    GPUS,
    LINK,
    LINUX,
    code_of,
    held,
    install_page,
    one_build,
    pin,
    placeholder,
    problem,
    requirement,
    row,
    series_1_15,
    series_2_15,
    series_file,
    sha256_of,
    text_of,
    texts_of,
    verdict,
    wheel,
    wheel_name,
    write_base,
    write_usual_base,
)

# What a message tells to do: at its end, or as the whole of it.
REMEDY = re.compile(
    r"(; |: )(run `python -m \w+( \w+ [\d.]+)?`|list each .*|choose one|remove (it|one)|rename .*"
    r"|add it to one in cuda\.yaml|name .*|swap them|give at least one|write it as .*"
    r"|mend it, or restore the file)$"
)
SERIES = series_2_15()
TEXTS = {text.sha256: text for text in texts_of(SERIES.releases).wheels}
RELEASES = {"2.15.0", "2.15.1"}
FIRST = SERIES.releases[0]
WHEEL = FIRST.builds[0].wheels[0]
PLACE = f"releases/2.15.yaml: tensorflow 2.15.0: {LINUX}"


def with_release(place, **fields):
    """Return the series with fields of one release changed."""
    releases = list(SERIES.releases)
    releases[place] = releases[place]._replace(**fields)
    return SERIES._replace(releases=tuple(releases))


def with_build(**fields):
    """Return the series with fields of its first build changed."""
    first, *others = FIRST.builds
    return with_release(0, builds=(first._replace(**fields), *others))


def with_wheel(**fields):
    """Return the series with fields of its first wheel changed, one that does not speak."""
    return with_build(wheels=(WHEEL._replace(**fields), *FIRST.builds[0].wheels[1:]))


def with_says(**fields):
    """Return the series with fields of what its first build says changed."""
    return with_build(says=FIRST.builds[0].says._replace(**fields))


def with_row(**fields):
    """Return the series with fields of its first official row changed."""
    first, *others = SERIES.official
    return SERIES._replace(official=(first._replace(**fields), *others))


def with_page(**fields):
    """Return the series with a page about installing, with some of its fields changed."""
    return SERIES._replace(install_page=install_page(**fields))


class Broken(NamedTuple):
    """A file that breaks one rule, and how the one message about it must start."""

    file: object
    message: str


OTHER_WHEEL = wheel_name("tensorflow", "2.15.9", LINUX, "3.9")
SERIES_CASES = {
    "its name": Broken(
        SERIES._replace(series="2.14"),
        "releases/2.15.yaml: series: '2.14' stands in the file of 2.15",
    ),
    "a row of another series": Broken(
        with_row(version="tensorflow-2.14.0"),
        "releases/2.15.yaml: official: linux-cpu tensorflow-2.14.0: belongs in another file",
    ),
    "a range of Pythons": Broken(
        with_row(python="3.9-3.8"),
        "releases/2.15.yaml: official: linux-cpu tensorflow-2.15.0: python: '3.9-3.8' is no range",
    ),
    "a CPU row with CUDA": Broken(
        with_row(cuda="12.2", cudnn="8.9"),
        "releases/2.15.yaml: official: linux-cpu tensorflow-2.15.0: a GPU row has CUDA and cuDNN",
    ),
    "a GPU row without cuDNN": Broken(
        SERIES._replace(
            official=(SERIES.official[0], SERIES.official[1]._replace(cudnn=None)),
        ),
        "releases/2.15.yaml: official: linux-gpu tensorflow-2.15.0: a GPU row has CUDA and cuDNN",
    ),
    "the order of the rows": Broken(
        SERIES._replace(official=SERIES.official[::-1]),
        "releases/2.15.yaml: official: the rows are out of order",
    ),
    "a release of another series": Broken(
        SERIES._replace(releases=(placeholder("tensorflow", "2.14.0"), *SERIES.releases)),
        "releases/2.15.yaml: tensorflow 2.14.0: belongs in another file",
    ),
    "a plug-in": Broken(
        SERIES._replace(releases=(*SERIES.releases, placeholder("tensorflow-metal", "2.15.0"))),
        "releases/2.15.yaml: tensorflow-metal 2.15.0: belongs in another file",
    ),
    "the order of the releases": Broken(
        SERIES._replace(releases=SERIES.releases[::-1]),
        "releases/2.15.yaml: releases: out of order",
    ),
    "a release that stands twice": Broken(
        SERIES._replace(releases=(FIRST, *SERIES.releases)),
        "releases/2.15.yaml: releases: one stands twice",
    ),
    "builds and an sdist": Broken(
        with_release(0, sdist="tensorflow-2.15.0.tar.gz"),
        "releases/2.15.yaml: tensorflow 2.15.0: has builds or an sdist, not both",
    ),
    "neither builds nor an sdist": Broken(
        with_release(0, builds=()),
        "releases/2.15.yaml: tensorflow 2.15.0: has builds or an sdist, not both",
    ),
    "the order of the builds": Broken(
        with_release(0, builds=FIRST.builds[::-1]),
        "releases/2.15.yaml: tensorflow 2.15.0: builds: out of order",
    ),
    "a build that stands twice": Broken(
        with_release(0, builds=(FIRST.builds[0], *FIRST.builds)),
        "releases/2.15.yaml: tensorflow 2.15.0: builds: out of order, or one stands twice",
    ),
    "the wheel that speaks": Broken(
        with_says(wheel="absent.whl"),
        f"{PLACE}: says.wheel: absent.whl is none of its wheels",
    ),
    "what the wheel says": Broken(
        with_says(cuda="12.3"), f"{PLACE}: says.cuda: is not what the wheel's texts say"
    ),
    "what the wheel says of its GPUs": Broken(
        with_says(compute_capabilities=Capabilities(("6.0",), ())),
        f"{PLACE}: says.compute_capabilities: is not what the wheel's texts say",
    ),
    "a name that is no wheel's": Broken(
        with_wheel(file="tensorflow-2.15.0.zip"),
        f"{PLACE}: 'tensorflow-2.15.0.zip' is not the name of a wheel",
    ),
    "the Pythons of a wheel": Broken(
        with_wheel(python=("3.8",)), f"{PLACE}: {WHEEL.file}: its name says otherwise"
    ),
    "the glibc of a wheel": Broken(
        with_wheel(glibc="2.5"), f"{PLACE}: {WHEEL.file}: its name says otherwise"
    ),
    "a wheel of another release": Broken(
        with_wheel(file=OTHER_WHEEL), f"{PLACE}: {OTHER_WHEEL}: is of another release"
    ),
    "the Pythons of the page about installing": Broken(
        with_page(python="3.9-3.8"),
        "releases/2.15.yaml: install_page: python: '3.9-3.8' is no range",
    ),
    "the capabilities of the page about installing": Broken(
        with_page(compute_capabilities=("8.0", "6.0")),
        "releases/2.15.yaml: install_page: compute_capabilities: empty, or out of order",
    ),
    "a page that was read before the series was out": Broken(
        with_page(read="2023-03-02"),
        "releases/2.15.yaml: install_page: read before the series was out",
    ),
    "a wheel older than its release": Broken(
        with_wheel(uploaded="2022-12-31"),
        f"{PLACE}: {WHEEL.file}: uploaded before its release",
    ),
}


def check_message(faults, start):
    (message,) = faults
    assert message.startswith(start)
    assert message.isprintable()
    assert REMEDY.search(message), message


def test_a_sound_page_about_installing_has_no_faults():
    assert list(series_faults("2.15", with_page(), TEXTS)) == []


def test_a_sound_series_has_no_faults():
    assert list(series_faults("2.15", SERIES, TEXTS)) == []


@pytest.mark.parametrize("broken", SERIES_CASES.values(), ids=SERIES_CASES)
def test_a_series_that_breaks_one_rule_has_one_fault(broken):
    check_message(series_faults("2.15", broken.file, TEXTS), broken.message)


def test_a_wheel_whose_texts_cannot_be_read_is_told():
    damaged = {
        sha: text._replace(build_info="is_cuda_build = open('x')" if text.build_info else None)
        for sha, text in TEXTS.items()
    }
    file = series_file("2.15", SERIES.releases[:1])
    faults = series_faults("2.15", file, damaged)
    check_message(faults, f"{PLACE}: build_info.py is not literal at line 1")


def test_what_a_wheel_says_is_not_checked_where_its_texts_cannot_be_had():
    assert list(series_faults("2.15", with_says(cuda="12.3"), None)) == []


def test_words_of_a_wheel_without_texts_are_told():
    faults = list(series_faults("2.15", series_file("2.15", SERIES.releases[2:3]), {}))
    assert [fault.partition(": says.")[0] for fault in faults] == [
        f"releases/2.15.yaml: tensorflow 2.15.1: {LINUX}"
    ]


def test_a_wheel_without_pythons_is_told_and_not_tripped_over():
    first = FIRST.builds[0]
    wheels = (WHEEL, first.wheels[1]._replace(python=()))
    faults = list(series_faults("2.15", with_build(wheels=wheels), TEXTS))
    assert any("its name says otherwise" in fault for fault in faults)


METAL = one_build("tensorflow-metal", "1.1.0", "macos-arm64", "3.9")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("tensorflow-metal", PluginFile(1, "tensorflow-directml-plugin", (METAL,))),
        ("tensorflow-directml-plugin", PluginFile(1, "tensorflow-directml-plugin", (METAL,))),
        (
            "tensorflow",
            PluginFile(1, "tensorflow", (one_build("tensorflow", "1.1.0", LINUX, "3.9"),)),
        ),
    ],
    ids=["its name", "a release of another", "no plug-in"],
)
def test_a_plug_in_in_the_wrong_file_is_told(name, file):
    assert (
        list(plugin_faults("tensorflow-metal", PluginFile(1, "tensorflow-metal", (METAL,)), {}))
        == []
    )
    release = file.releases[0]
    place = f"plugins/{name}.yaml: {release.distribution} {release.release}: "
    check_message(plugin_faults(name, file, {}), f"{place}belongs in another file")


def test_the_rules_of_releases_hold_for_plug_ins():
    newer = METAL._replace(release="1.2.0")
    wheels = METAL.builds[0].wheels[0].file.replace("1.1.0", "1.2.0")
    build = METAL.builds[0]._replace(
        wheels=(wheel(wheels),), says=METAL.builds[0].says._replace(wheel=wheels)
    )
    file = PluginFile(1, "tensorflow-metal", (newer._replace(builds=(build,)), METAL))
    check_message(
        plugin_faults("tensorflow-metal", file, {}),
        "plugins/tensorflow-metal.yaml: releases: out of order",
    )


SPEAKING = text_of(FIRST.builds[0], "tensorflow", "2.15.0")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((SPEAKING, SPEAKING), "stands twice"),
        ((SPEAKING._replace(file="other.whl"),), "no release has this wheel and sha256"),
        ((SPEAKING._replace(sha256=sha256_of("other")),), "no release has this wheel and sha256"),
    ],
    ids=["twice", "another name", "another sha256"],
)
def test_texts_that_are_of_no_wheel_or_stand_twice_are_told(texts, expected):
    assert list(wheels_faults("2.15", WheelsFile(1, (SPEAKING,)), SERIES.releases)) == []
    check_message(
        wheels_faults("2.15", WheelsFile(1, texts), SERIES.releases),
        f"wheels/2.15.yaml: {texts[0].file}: {expected}",
    )


NOTE = ReleaseNote(
    id="a-note",
    title="It has no widgets",
    releases=Bounds("2.15.0", None),
    platforms=(),
    devices=(),
    told="They were taken out.",
    way_out=(),
    sources=("https://example.com/notes",),
)
PLAIN = pin("numpy<2", "2.15.0", "2.15.1")
FAULT = problem("a-fault", "2.15.0", "2.15.1")
ASKED = verdict("3.11", ("tensorflow==2.15.1", "numpy<2"), resolves=True)


def faults_of(file):
    """Return what is wrong with a table that people edit, or that a resolver writes."""
    if isinstance(file, CudaFile):
        return list(cuda_faults(file))
    if isinstance(file, GpusFile):
        return list(gpus_faults(file, CUDA))
    if isinstance(file, ProblemsFile):
        return list(problems_faults(file, RELEASES))
    if isinstance(file, ReleaseNotesFile):
        return list(release_notes_faults(file, RELEASES))
    if isinstance(file, PinsFile):
        return list(pins_faults(file, RELEASES))
    return list(resolutions_faults("2.15", file))


TABLE_CASES = {
    "the order of the drivers": Broken(
        CUDA._replace(drivers=CUDA.drivers[::-1]), "cuda.yaml: drivers: list each CUDA once"
    ),
    "a driver that stands twice": Broken(
        CUDA._replace(drivers=(CUDA.drivers[0], *CUDA.drivers)),
        "cuda.yaml: drivers: list each CUDA once",
    ),
    "the order of what is known": Broken(
        CUDA._replace(knows=CUDA.knows[::-1]), "cuda.yaml: knows: list each compute capability once"
    ),
    "a PTX whose driver branch is not newer": Broken(
        CUDA._replace(
            ptx=(
                PtxVersion(version="8.5", cuda="12.5", branch="545", source=LINK),
                PtxVersion(version="8.3", cuda="12.3", branch="545", source=LINK),
            )
        ),
        "cuda.yaml: ptx: 8.5 stands before 8.3, and its branch is not newer",
    ),
    "a capability with two last drivers": Broken(
        CUDA._replace(maximum_drivers=(*CUDA.maximum_drivers, CUDA.maximum_drivers[1])),
        "cuda.yaml: maximum_drivers: 3.5 stands twice",
    ),
    "a last branch after the next one": Broken(
        CUDA._replace(
            maximum_drivers=(CUDA.maximum_drivers[0]._replace(branch="590", before="580"),)
        ),
        "cuda.yaml: maximum_drivers: 590 is not before 580",
    ),
    "the order of the forward compatibility": Broken(
        CUDA._replace(forward_compatibility=CUDA.forward_compatibility[::-1]),
        "cuda.yaml: forward_compatibility: list each CUDA once a source",
    ),
    "a capability of two architectures": Broken(
        CUDA._replace(
            architectures=(
                *CUDA.architectures,
                CUDA.architectures[0]._replace(name="Other", compute_capabilities=("8.0",)),
            )
        ),
        "cuda.yaml: 8.0: is of Ampere and Other",
    ),
    "a GPU of no architecture": Broken(
        GpusFile(1, (GPUS.gpus[0]._replace(compute_capability="9.9"),)),
        "gpus.yaml: A100: compute capability 9.9 belongs to no architecture",
    ),
    "a GPU that stands twice": Broken(
        GpusFile(1, (*GPUS.gpus, GPUS.gpus[0])), "gpus.yaml: A100: stands twice"
    ),
    "the order of the problems": Broken(
        ProblemsFile(1, (FAULT._replace(id="z-fault"), FAULT)),
        "problems.yaml: problems: list each id once, sorted",
    ),
    "a problem that stands twice": Broken(
        ProblemsFile(1, (FAULT, FAULT)), "problems.yaml: problems: list each id once, sorted"
    ),
    "a problem's first release": Broken(
        ProblemsFile(1, (FAULT._replace(releases=Bounds("2.14.9", None)),)),
        "problems.yaml: a-fault: releases: there is no release 2.14.9",
    ),
    "a problem's bounds": Broken(
        ProblemsFile(1, (FAULT._replace(releases=Bounds("2.15.1", "2.15.0")),)),
        "problems.yaml: a-fault: releases: first is after last",
    ),
    "a problem without a look": Broken(
        ProblemsFile(1, (FAULT._replace(looks_like=()),)),
        "problems.yaml: a-fault: looks_like: is empty",
    ),
    "a problem without a way out": Broken(
        ProblemsFile(1, (FAULT._replace(way_out=()),)), "problems.yaml: a-fault: way_out: is empty"
    ),
    "a problem without a source": Broken(
        ProblemsFile(1, (FAULT._replace(sources=()),)), "problems.yaml: a-fault: sources: is empty"
    ),
    "the order of the release notes": Broken(
        ReleaseNotesFile(1, (NOTE, NOTE)),
        "release_notes.yaml: release_notes: list each id once, sorted",
    ),
    "a release note's bounds": Broken(
        ReleaseNotesFile(1, (NOTE._replace(releases=Bounds("2.14.9", None)),)),
        "release_notes.yaml: a-note: releases: there is no release 2.14.9",
    ),
    "a release note without a source": Broken(
        ReleaseNotesFile(1, (NOTE._replace(sources=()),)),
        "release_notes.yaml: a-note: sources: is empty",
    ),
    "a pin's last release": Broken(
        PinsFile(1, (PLAIN._replace(releases=Bounds(None, "2.15.7")),)),
        "pins.yaml: numpy<2: releases: there is no release 2.15.7",
    ),
    "a pin's bounds": Broken(
        PinsFile(1, (PLAIN._replace(releases=Bounds("2.15.1", "2.15.0")),)),
        "pins.yaml: numpy<2: releases: first is after last",
    ),
    "a pin for nothing": Broken(
        PinsFile(1, (PLAIN._replace(distributions=()),)),
        "pins.yaml: numpy<2: distributions: is empty",
    ),
    "a pin that stands twice": Broken(
        PinsFile(1, (PLAIN, PLAIN._replace(reason="Another reason."))),
        "pins.yaml: numpy<2: stands twice for the same cells",
    ),
    "a pin that stands twice by two sources": Broken(
        PinsFile(1, (PLAIN, PLAIN._replace(source="https://example.com/other"))),
        "pins.yaml: numpy<2: stands twice for the same cells",
    ),
    "a verdict that stands twice": Broken(
        ResolutionsFile(1, (ASKED, ASKED)),
        f"resolutions/2.15.yaml: tensorflow==2.15.1, Python 3.11, {LINUX}: stands twice",
    ),
    "a conflict where it resolves": Broken(
        ResolutionsFile(1, (ASKED._replace(conflict="numpy"),)),
        "resolutions/2.15.yaml: tensorflow==2.15.1: ",
    ),
    "no conflict where it does not": Broken(
        ResolutionsFile(1, (ASKED._replace(resolves=False),)),
        "resolutions/2.15.yaml: tensorflow==2.15.1: ",
    ),
    "a verdict on another series": Broken(
        ResolutionsFile(1, (ASKED._replace(requirements=(requirement("tensorflow==2.14.0"),)),)),
        "resolutions/2.15.yaml: tensorflow==2.14.0: ",
    ),
    "a verdict on nothing": Broken(
        ResolutionsFile(1, (ASKED._replace(requirements=()),)),
        "resolutions/2.15.yaml: ?: ",
    ),
    "a verdict on no release": Broken(
        ResolutionsFile(1, (ASKED._replace(requirements=(requirement("tensorflow"),)),)),
        "resolutions/2.15.yaml: tensorflow: ",
    ),
}


@pytest.mark.parametrize(
    "file",
    [
        CUDA,
        GPUS,
        ProblemsFile(1, (FAULT,)),
        PinsFile(1, (PLAIN, PLAIN._replace(pythons=("3.9",)))),
        ResolutionsFile(1, (ASKED, ASKED._replace(python="3.10"))),
    ],
)
def test_a_sound_table_has_no_faults(file):
    assert faults_of(file) == []


@pytest.mark.parametrize("broken", TABLE_CASES.values(), ids=TABLE_CASES)
def test_a_table_that_breaks_one_rule_has_one_fault(broken):
    check_message(faults_of(broken.file), broken.message)


def test_gpus_are_held_against_no_architectures_where_those_cannot_be_read():
    strange = GpusFile(1, (GPUS.gpus[0]._replace(compute_capability="9.9"),))
    assert list(gpus_faults(strange, None)) == []


# The whole knowledge base.


FUTURE = "9999-01-01"
BUILD = "releases[0].builds[0]"


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (with_release(0, released=FUTURE), "releases[0].released"),
        (with_build(read=FUTURE), f"{BUILD}.read"),
        (with_wheel(uploaded=FUTURE), f"{BUILD}.wheels[0].uploaded"),
        (with_row(read=FUTURE), "official[0].read"),
        (with_page(read=FUTURE), "install_page.read"),
    ],
)
def test_a_day_of_the_future_is_refused_in_one_line(file, place, tmp_path):
    told = [one for one in validate(write_base(tmp_path, file)) if "in the future" in one]
    assert len(told) == 1
    assert told[0].startswith(f"releases/2.15.yaml: {place}: {FUTURE} is in the future: today is 2")


def test_a_moment_of_the_future_is_refused_too():
    run = CellRun(
        run="9999-01-01-0123456789ab",
        at="9999-01-01T00:00:00Z",
        distribution="tensorflow",
        release="2.15.0",
        platform=LINUX,
        python="3.9",
        device="cpu",
        recipe="0123456789abcdef",
        outcome="ok",
        trust="attested",
    )
    file = EvidenceFile(1, (run,))
    (told,) = day_faults("evidence/2.15.yaml", file, "9998-12-31")
    assert told.startswith("evidence/2.15.yaml: runs[0].at: 9999-01-01T00:00:00Z is in the future")
    assert list(day_faults("evidence/2.15.yaml", file, "9999-01-01")) == []


def test_the_real_knowledge_base_is_sound():
    assert validate(Store()) == ()


def test_a_small_base_is_sound(tmp_path):
    assert validate(write_usual_base(tmp_path)) == ()


def test_faults_of_every_file_are_told_together(tmp_path):
    store = write_base(
        tmp_path,
        series_2_15()._replace(official=SERIES.official[::-1]),
        series_1_15(),
        gpus=GpusFile(1, (*GPUS.gpus, GPUS.gpus[0])),
        pins=(pin("numpy<2", "9.9", None),),
        resolutions={"1.15": (ASKED,)},
    )
    faults = validate(store)
    assert sorted(fault.partition(":")[0] for fault in faults) == [
        "gpus.yaml",
        "pins.yaml",
        "releases/2.15.yaml",
        "resolutions/1.15.yaml",
    ]
    assert all(REMEDY.search(fault) for fault in faults)


@pytest.mark.parametrize(
    "name",
    ["releases/2.15.yaml", "wheels/2.15.yaml", "cuda.yaml", "gpus.yaml", "pins.yaml"],
)
def test_a_file_that_cannot_be_read_is_told_once_and_the_others_are_still_checked(name, tmp_path):
    store = write_usual_base(tmp_path)
    (tmp_path / name).write_text("format: 1\nformat: 1\n")
    told = [fault for fault in validate(store) if name in fault]
    check_message(told, f"{tmp_path / name}:2: the document: the field 'format' stands twice; ")


ONE = one_build("tensorflow", "2.15.0", LINUX, "3.11")
CODE = code_of(ONE, held(3, "6.0 8.0", "8.0"))
KNOWN = {"2.15": series_file("2.15", (ONE,))}


def code_with(*objects, **changes):
    library = CODE.libraries[0]._replace(code=objects)
    return CodeFile(1, (CODE._replace(**{"libraries": (library,), **changes}),))


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (CodeFile(1, (CODE, CODE)), "stands twice"),
        (code_with(held(1, "6.0"), file="tensorflow-2.14.0-cp311-x.whl"), "is of another series"),
        (code_with(held(1, "6.0"), file="tensorflow-2.15.0-x.whl"), "under another name"),
        (code_with(held(1, "6.0"), failure="it broke off"), "says why it was not read"),
        (code_with(held(0, "6.0")), "counts 0 objects"),
        (code_with(held(1, "")), "counts objects without code"),
        (code_with(held(1, "8.0 6.0")), "once, in order"),
        (code_with(held(1, "6.0", "8.0", "77.7")), "PTX 77.7 is not in the table"),
    ],
)
def test_code_that_breaks_one_rule_has_one_fault(file, words):
    assert list(code_faults("2.15", CodeFile(1, (CODE,)), KNOWN, CUDA.ptx)) == []
    first, *_ = code_faults("2.15", file, KNOWN, CUDA.ptx)
    assert words in first
    assert first.startswith("code/2.15.yaml: ")


def test_code_of_a_wheel_that_no_release_has_may_stay():
    file = CodeFile(1, (CODE._replace(sha256="0" * 64),))
    assert list(code_faults("2.15", file, {}, CUDA.ptx)) == []


def test_a_pin_that_is_no_requirement_is_told(tmp_path):
    store = write_base(tmp_path, series_2_15(), pins=(PLAIN,))
    path = tmp_path / "pins.yaml"
    path.write_text(path.read_text().replace("numpy<2", "numpy below 2"))
    told = [fault for fault in validate(store) if "pins.yaml" in fault]
    check_message(told, f"{path}:4: pins[0].pin: 'numpy below 2' is no requirement; write it as ")


def test_a_verdict_on_what_is_no_requirement_is_told(tmp_path):
    store = write_base(tmp_path, series_2_15(), resolutions={"2.15": (ASKED,)})
    path = tmp_path / "resolutions" / "2.15.yaml"
    path.write_text(path.read_text().replace("numpy<2", "numpy below 2"))
    told = [fault for fault in validate(store) if "2.15.yaml" in fault]
    where = f"{path}:8: resolutions[0].requirements[1]"
    check_message(told, f"{where}: 'numpy below 2' is no requirement; write it as ")


def test_a_base_without_releases_is_told(tmp_path):
    first, *_ = validate(write_base(tmp_path))
    check_message([first], f"{tmp_path}: holds no releases; run `python -m scraper`")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    absent = tmp_path / "absent"
    first, *_ = validate(Store(absent))
    check_message([first], f"{absent}: no knowledge base here; name one with --data")


@pytest.mark.parametrize("version", ["2", "2rc1", "latest"])
def test_a_release_without_a_minor_version_is_told(version, tmp_path):
    file = SERIES._replace(releases=(placeholder("tensorflow", version), *SERIES.releases))
    faults = [fault for fault in validate(write_base(tmp_path, file)) if "releases[0]" in fault]
    check_message(faults, f"{tmp_path / 'releases' / '2.15.yaml'}:")


def test_texts_of_no_series_are_told(tmp_path):
    store = write_base(tmp_path, series_2_15())
    (tmp_path / "wheels" / "2.14.yaml").write_text("format: 1\n")
    check_message(validate(store), "wheels/2.14.yaml: no releases/2.14.yaml goes with it")


def test_a_file_of_another_name_among_the_series_is_told(tmp_path):
    store = write_base(tmp_path, series_2_15())
    (tmp_path / "releases" / "notes.yaml").write_text("format: 1\nseries: '2.14'\n")
    check_message(validate(store), "releases/notes.yaml: ")


def test_a_number_of_thousands_of_digits_is_told_and_not_tripped_over(tmp_path):
    long = f"2.{'1' * 5000}"
    store = write_base(tmp_path, series_2_15(), pins=(pin("numpy<2", long, long),))
    assert any("pins.yaml" in fault for fault in validate(store))


def test_a_row_of_no_release_of_its_series_is_no_fault_but_a_contradiction(tmp_path):
    file = SERIES._replace(
        official=(*SERIES.official, row("macos-cpu", "tensorflow-2.15.0", "3.9"))
    )
    assert validate(write_base(tmp_path, file)) == ()
