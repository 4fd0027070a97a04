"""Merging: sorted, stable, and nothing lost; worked out without input or output."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.model import OfficialRow, Wheel, WheelText
from kb.base.versions import key
from scraper import merge
from scraper.changes import Changes, between
from scraper.index import Listed, ListedRelease
from scraper.merge import Known

PROPERTY = settings(deadline=None, derandomize=True)
EMPTY = Known({}, {}, {})
DAY, LATER = "2026-01-02", "2026-03-04"
TAGS = {
    "linux-x86_64": "manylinux2014_x86_64",
    "windows-x86_64": "win_amd64",
    "macos-arm64": "macosx_12_0_arm64",
}


@st.composite
def listed_releases(draw, distributions=("tensorflow", "tensorflow-cpu", "tensorflow-metal")):
    """Return releases as an index lists them, each once."""
    found = []
    for distribution in draw(st.lists(st.sampled_from(distributions), unique=True)):
        minors = draw(st.lists(st.integers(0, 20), unique=True, min_size=1, max_size=4))
        for minor in minors:
            builds = draw(
                st.dictionaries(
                    st.sampled_from(sorted(TAGS)),
                    st.lists(st.integers(6, 13), unique=True, min_size=1, max_size=3).map(sorted),
                    max_size=3,
                )
            )
            found.append(listed(distribution, f"2.{minor}.0", builds))
    return draw(st.permutations(found))


def listed(distribution, release, builds) -> ListedRelease:
    files = [
        wheel(distribution, release, platform, python)
        for platform, pythons in builds.items()
        for python in pythons
    ]
    files.sort(key=lambda one: (key(one.wheel.python[-1]), one.wheel.file))
    sdist = f"{distribution}-{release}.tar.gz"
    return ListedRelease(
        distribution=distribution,
        release=release,
        released="2023-11-14",
        files=tuple(files),
        sdist=sdist,
    )


def wheel(distribution, release, platform, python) -> Listed:
    stem = distribution.replace("-", "_")
    file = f"{stem}-{release}-cp3{python}-cp3{python}-{TAGS[platform]}.whl"
    digest = hashlib.sha256(file.encode()).hexdigest()
    return Listed(
        Wheel(
            file=file,
            python=(f"3.{python}",),
            size=1000 + python,
            sha256=digest,
            uploaded="2023-11-14",
        ),
        platform,
        f"http://127.0.0.1/{file}",
    )


def texts_for(releases) -> dict[str, WheelText]:
    return {
        one.wheel.sha256: WheelText(
            file=one.wheel.file,
            sha256=one.wheel.sha256,
            read=DAY,
            metadata="Metadata-Version: 2.1\nName: x\nVersion: 1\n",
            build_info="is_cuda_build = True\n",
        )
        for release in releases
        for one in merge.read_for(release).values()
    }


rows = st.lists(
    st.builds(
        lambda table, minor, python: OfficialRow(
            table=table,
            version=f"tensorflow-2.{minor}.0",
            python=f"3.{python}",
            compiler="GCC",
            build_tools="Bazel",
            read=DAY,
        ),
        st.sampled_from(["linux-cpu", "macos-cpu", "windows-cpu"]),
        st.integers(0, 20),
        st.integers(6, 9),
    ),
    max_size=8,
)


def merged(found, official, known=EMPTY, day=DAY) -> Known:
    texts = texts_for(found)
    releases = merge.released(found, texts, known, day)
    return merge.files(merge.keep_days(official, known), releases, texts)


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), rows)
def test_scraping_the_same_again_changes_and_removes_nothing(found, official):
    known = merged(found, official)
    again = merged(found, [row._replace(read=LATER) for row in official], known, LATER)
    assert again == known
    assert merge.removed(known, again) == ()
    assert between(known, again) == Changes((), (), ())


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), st.randoms(use_true_random=False))
def test_the_order_in_which_the_index_answers_makes_no_difference(found, random):
    known = merged(found, ())
    shuffled = list(found)
    random.shuffle(shuffled)
    assert merged(shuffled, ()) == known


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), rows)
def test_files_take_apart_and_put_together_are_the_same(found, official):
    known = merged(found, official)
    assert merge.files(known.rows(), known.all_releases(), known.texts()) == known


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), rows)
def test_no_release_row_or_text_is_lost(found, official):
    known = merged(found, official)
    assert sorted(known.rows()) == sorted(official)
    assert sorted((one.distribution, one.release) for one in known.all_releases()) == sorted(
        (one.distribution, one.release) for one in found
    )
    assert known.texts() == texts_for(found)
    wheels = {
        wheel
        for release in known.all_releases()
        for build in release.builds
        for wheel in build.wheels
    }
    assert wheels == {one.wheel for release in found for one in release.files}


@settings(PROPERTY, max_examples=40)
@given(listed_releases())
def test_releases_stand_sorted_in_the_file_of_their_series_or_plug_in(found):
    known = merged(found, ())
    for name, file in known.releases.items():
        assert {release.release.rpartition(".")[0] for release in file.releases} == {name}
        distributions = [release.distribution for release in file.releases]
        assert distributions == sorted(distributions)
    for name, file in known.plugins.items():
        assert {release.distribution for release in file.releases} == {name}
        releases = [release.release for release in file.releases]
        assert releases == sorted(releases, key=key)


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), rows, st.data())
def test_what_is_taken_away_is_named_once(found, official, data):
    known = merged(found, official)
    left = data.draw(st.lists(st.sampled_from(found), unique=True) if found else st.just([]))
    kept = data.draw(st.integers(0, len(official)))
    gone = merge.removed(known, merged(left, official[:kept]))
    assert sorted(gone) == sorted(
        [f"{one.distribution} {one.release}" for one in found if one not in left]
        + [f"official row {row.table} {row.version}" for row in official[kept:]]
    )


@settings(PROPERTY, max_examples=40)
@given(listed_releases(), rows)
def test_from_nothing_everything_is_added_and_nothing_else(found, official):
    changes = between(EMPTY, merged(found, official))
    assert (changes.changed, changes.removed) == ((), ())
    named = {f"{row.table} {row.version}" for row in official}
    assert len(changes.added) >= len(found) + len(named)


def test_a_build_keeps_its_day_until_its_wheels_change():
    first = listed("tensorflow", "2.15.0", {"linux-x86_64": [10], "windows-x86_64": [10]})
    second = listed("tensorflow", "2.15.0", {"linux-x86_64": [10, 11], "windows-x86_64": [10]})
    known = merged([first], ())
    (release,) = merged([second], (), known, LATER).all_releases()
    assert {build.platform: build.read for build in release.builds} == {
        "linux-x86_64": LATER,
        "windows-x86_64": DAY,
    }


def test_a_row_keeps_its_day_until_a_cell_changes():
    row = OfficialRow(
        table="linux-cpu",
        version="tensorflow-2.15.0",
        python="3.9",
        compiler="GCC",
        build_tools="Bazel",
        read=DAY,
    )
    known = merge.files([row], (), {})
    same, other = row._replace(read=LATER), row._replace(read=LATER, python="3.9-3.10")
    assert merge.keep_days([same, other], known) == (row, other)


def test_a_row_that_stood_twice_and_stands_once_is_named():
    row = OfficialRow(
        table="windows-gpu",
        version="tensorflow_gpu-2.4.0",
        python="3.6",
        compiler="MSVC",
        build_tools="Bazel",
        read=DAY,
        cudnn="8",
        cuda="11",
    )
    twice, once = merge.files([row, row], (), {}), merge.files([row], (), {})
    assert merge.removed(twice, once) == ("official row windows-gpu tensorflow_gpu-2.4.0",)
    assert merge.removed(once, twice) == ()
    assert between(once, twice).added == ("official windows-gpu tensorflow_gpu-2.4.0 (again)",)


def test_a_nightly_that_went_is_no_removal_and_is_told_all_the_same():
    nightly = listed("tf-nightly", "2.22.0.dev20260101", {"linux-x86_64": [13]})
    before, after = merged([nightly], ()), merged([], ())
    assert merge.removed(before, after) == ()
    assert between(before, after).removed == ("tf-nightly 2.22.0.dev20260101",)


def test_the_text_of_a_build_is_the_newest_pythons_by_number_not_by_letters():
    release = listed("tensorflow", "2.15.0", {"linux-x86_64": [9, 10, 11], "macos-arm64": [8, 9]})
    chosen = {platform: one.wheel.python for platform, one in merge.read_for(release).items()}
    assert chosen == {"linux-x86_64": ("3.11",), "macos-arm64": ("3.9",)}
