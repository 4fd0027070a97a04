"""What is said of a distribution holds for its wheels."""

import pytest

from kb.base.names import COUNTED_APART, DISTRIBUTION_MEANINGS, OWN
from kb.base.store import Store
from kb.base.versions import is_final, key


@pytest.fixture(scope="module")
def builds():
    """Return each final build with its distribution, release and platform, and the largest size."""
    store = Store()
    found = {}
    for name in store.released_names():
        for listed in store.series(name).releases:
            for build in listed.builds if is_final(listed.release) else ():
                found[listed.distribution, listed.release, build.platform] = build
    return found


def size(build):
    return max(wheel.size for wheel in build.wheels)


@pytest.mark.parametrize(
    ("required", "platform", "first", "last"),
    [
        ("tensorflow-intel", "windows-x86_64", "2.11.0", "2.18.0"),
        ("tensorflow-macos", "macos-arm64", "2.13.0", "2.15.0"),
        ("tensorflow-cpu-aws", "linux-aarch64", "2.10.0", "2.15.1"),
    ],
)
def test_tensorflow_requires_what_it_is_said_to_require(required, platform, first, last, builds):
    requiring = {
        release
        for (distribution, release, of), build in builds.items()
        if distribution == OWN and of == platform and build.says.shim
        if build.says.shim.name == required
    }
    assert (min(requiring, key=key), max(requiring, key=key)) == (first, last)
    released = {release for name, release, of in builds if (name, of) == (OWN, platform)}
    assert requiring == {one for one in released if key(first) <= key(one) <= key(last)}
    assert required in DISTRIBUTION_MEANINGS


def test_the_wheels_for_the_cpu_are_smaller_on_linux_and_hold_no_cuda(builds):
    for (name, release, platform), build in builds.items():
        if name != "tensorflow-cpu":
            continue
        assert not build.says.cuda_build
        whole = builds.get((OWN, release, platform))
        if platform == "linux-x86_64" and whole is not None and whole.says.cuda_build:
            assert size(build) < size(whole) / 1.8


def test_tensorflow_has_cuda_wherever_tensorflow_gpu_has_it_from_2_1_on(builds):
    for (name, release, platform), build in builds.items():
        if name == "tensorflow-gpu" and key(release) >= key("2.1"):
            assert build.says.cuda_build
            assert builds[OWN, release, platform].says.cuda_build


def test_the_builds_for_arm_linux_are_of_2_7_to_2_16(builds):
    releases = [release for name, release, _ in builds if name == "tensorflow-aarch64"]
    assert min(releases, key=key).startswith("2.7.")
    assert max(releases, key=key).startswith("2.16.")


def test_those_that_are_counted_apart_have_releases_that_tensorflow_has_not(builds):
    own = {release for name, release, _ in builds if name == OWN}
    for counted in COUNTED_APART:
        assert {release for name, release, _ in builds if name == counted} - own
