import pytest

from kb.base.model import Bounds, Resolution, WheelFacts
from kb.base.versions import within
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import CellKey, Resolutions, candidates, pins_of, recipe
from kb.facts.toolkits import Toolkit
from tests.kb.small_base import AND_CUDA, LINUX, NVIDIA, WINDOWS, extra, pin, verdict

NONE_ASKED = Resolutions(())
NO_TOOLS = Toolkit(
    cuda=None,
    cuda_built=None,
    cuda_documented=None,
    cudnn_built=None,
    cudnn_documented=None,
    cudnn_installed=None,
)
TOOLS = Toolkit(
    cuda="11.2",
    cuda_built="11.2",
    cuda_documented="11.2",
    cudnn_built="8",
    cudnn_documented="8.1",
    cudnn_installed=None,
)
BY_EXTRA = ("tensorflow[and-cuda]==2.15.1",)
ONE_BY_ONE = ("tensorflow==2.15.1", *NVIDIA)


def cell(device="cuda", release="2.15.1", **fields):
    given = {
        "distribution": "tensorflow",
        "release": release,
        "platform": LINUX,
        "python": "3.11",
        "device": device,
    }
    return CellKey(**{**given, **fields})


def says(*extras):
    return WheelFacts(wheel="some.whl", extras=extras)


def made(one=None, said=None, tools=NO_TOOLS, pins=(), resolutions=()):
    """Return the recipe of a CUDA cell with the extra and-cuda, unless told otherwise."""
    said = says(AND_CUDA) if said is None else said
    return recipe(one or cell(), said, tools, pins, Resolutions(resolutions))


def actions(one):
    return [step.action for step in one.steps]


def test_a_recipe_makes_an_environment_then_renews_pip_then_installs():
    one = made()
    assert actions(one) == ["environment", "upgrade-pip", "install"]
    assert (one.steps[0].python, one.steps[0].folder) == ("3.11", "tf-2.15.1")


def test_a_cuda_build_with_the_extra_is_installed_by_it():
    assert made().requirements() == BY_EXTRA


def test_the_cpu_needs_no_extra():
    assert made(cell("cpu")).requirements() == ("tensorflow==2.15.1",)


@pytest.mark.parametrize(
    ("distribution", "device"),
    [
        ("tensorflow-cpu", "cpu"),
        ("tensorflow-rocm", "rocm"),
        ("tensorflow-directml", "directml"),
        ("tf-nightly", "cpu"),
    ],
)
def test_the_distribution_is_that_of_the_cell(distribution, device):
    one = made(cell(device, distribution=distribution), says())
    assert one.requirements() == (f"{distribution}==2.15.1",)
    assert actions(one) == ["environment", "upgrade-pip", "install"]


def test_pins_follow_what_they_pin():
    pins = (pin("numpy<2", None, None), pin("protobuf<5", None, None))
    assert made(pins=pins).requirements() == (*BY_EXTRA, "numpy<2", "protobuf<5")
    assert made(cell("cpu"), pins=pins).requirements() == (
        "tensorflow==2.15.1",
        "numpy<2",
        "protobuf<5",
    )


def test_a_pin_under_a_condition_is_not_installed():
    pins = (pin("nvidia-cudnn-cu12<9.11", None, None, compute_capability_below="7.5"),)
    assert made(pins=pins).requirements() == BY_EXTRA


def test_an_extra_in_conflict_gives_way_to_its_nvidia_requirements_without_tensorrt():
    one = made(resolutions=[verdict("3.11", BY_EXTRA, resolves=False)])
    assert one.requirements() == ONE_BY_ONE
    assert not any("tensorrt" in line for line in one.requirements())


@pytest.mark.parametrize(
    "resolution",
    [
        verdict("3.11", BY_EXTRA, resolves=True),
        verdict("3.10", BY_EXTRA, resolves=False),
        verdict("3.11", BY_EXTRA, resolves=False, platform=WINDOWS),
        verdict("3.11", (*BY_EXTRA, "numpy<2"), resolves=False),
    ],
    ids=["resolves", "other Python", "other platform", "other requirements"],
)
def test_a_verdict_counts_only_against_what_was_asked(resolution):
    assert made(resolutions=[resolution]).requirements() == BY_EXTRA


def test_where_nothing_resolves_the_last_list_stands():
    conflicts = [verdict("3.11", one, resolves=False) for one in (BY_EXTRA, ONE_BY_ONE)]
    assert made(resolutions=conflicts).requirements() == ONE_BY_ONE


def test_pins_count_in_what_the_resolver_was_asked():
    pins = (pin("numpy<2", None, None),)
    conflict = verdict("3.11", (*BY_EXTRA, "numpy<2"), resolves=False)
    assert made(pins=pins, resolutions=[conflict]).requirements() == (*ONE_BY_ONE, "numpy<2")


def test_the_lists_of_requirements_are_the_preferred_one_first():
    assert candidates(cell(), says(AND_CUDA), ()) == (BY_EXTRA, ONE_BY_ONE)
    assert candidates(cell("cpu"), says(AND_CUDA), ()) == (("tensorflow==2.15.1",),)
    assert candidates(cell(), says(), ()) == (("tensorflow==2.15.1",),)


def test_cuda_is_installed_by_hand_where_no_extra_brings_it():
    one = made(cell(release="2.10.1"), says(), TOOLS)
    assert actions(one) == ["cuda-by-hand", "environment", "upgrade-pip", "install"]
    by_hand = one.steps[0]
    assert (by_hand.cuda, by_hand.cudnn) == ("11.2", "8.1")
    assert all(address.startswith("https://developer.nvidia.com/") for address in by_hand.addresses)
    assert one.requirements() == ("tensorflow==2.10.1",)


def test_the_cudnn_to_install_by_hand_is_the_tested_or_else_the_built_one():
    built_alone = TOOLS._replace(cudnn_documented=None)
    assert made(said=says(), tools=built_alone).steps[0].cudnn == "8"
    assert made(said=says(), tools=NO_TOOLS).steps[0].cudnn is None


def test_the_cpu_asks_for_no_cuda_by_hand():
    assert "cuda-by-hand" not in actions(made(cell("cpu"), says(), TOOLS))


def test_another_extra_brings_no_cuda():
    other = says(extra("and-rocm", "rocm==1"))
    assert "cuda-by-hand" in actions(made(said=other, tools=TOOLS))


def test_python_2_7_takes_grpcio_as_a_wheel():
    old = made(cell("cpu", release="1.15.0", python="2.7"), says())
    assert old.steps[-1].options == ("--only-binary=grpcio",)
    assert made().steps[-1].options == ()


@pytest.mark.parametrize(
    ("device", "release", "on_gpu", "api"),
    [
        ("cuda", "2.15.1", True, "tf.config.list_physical"),
        ("cpu", "2.0.0", False, "tf.config.experimental.list_physical"),
        ("rocm", "1.15.0", True, "device_lib.list_local_devices"),
    ],
)
def test_the_checks_are_those_of_the_release_and_the_device(device, release, on_gpu, api):
    checks = made(cell(device, release), says()).checks
    assert len(checks) == 3
    assert api in checks[0].code
    assert ("/GPU:0" in checks[2].code, "/CPU:0" in checks[2].code) == (on_gpu, not on_gpu)


def test_directml_is_checked_on_its_own_device():
    one = made(cell("directml", "1.15.8", distribution="tensorflow-directml"), says())
    assert "/DML:0" in one.checks[2].code
    assert "/GPU:0" not in one.checks[2].code


def test_the_id_of_a_recipe_is_stable():
    one = recipe_id(made())
    assert one == recipe_id(made())
    assert len(one) == 16
    assert int(one, 16) >= 0


def test_an_equal_recipe_of_another_cell_has_the_same_id():
    # Pins on nothing but the platform's name change no step.
    linux, arm = (made(cell("cpu", platform=name)) for name in (LINUX, "linux-aarch64"))
    assert linux.steps == arm.steps
    assert recipe_id(linux) == recipe_id(arm)


@pytest.mark.parametrize(
    "other",
    [
        made(cell(python="3.10")),
        made(cell(release="2.15.0")),
        made(cell("cpu")),
        made(pins=(pin("numpy<2", None, None),)),
        made(resolutions=[verdict("3.11", BY_EXTRA, resolves=False)]),
        made(said=says(), tools=TOOLS),
    ],
    ids=["Python", "release", "device", "pin", "one by one", "CUDA by hand"],
)
def test_another_step_gives_another_id(other):
    assert recipe_id(other) != recipe_id(made())


def test_another_check_gives_another_id():
    one = made()
    first, *rest = one.checks
    changed = one._replace(checks=(first._replace(expected="GPUs: 7"), *rest))
    assert recipe_id(changed) != recipe_id(one)


def test_the_order_of_the_steps_counts():
    one = made()
    assert recipe_id(one._replace(steps=one.steps[::-1])) != recipe_id(one)


@pytest.mark.parametrize(
    ("fields", "applies"),
    [
        ({}, True),
        ({"distributions": ("tensorflow-cpu",)}, False),
        ({"platforms": (LINUX,)}, True),
        ({"platforms": (WINDOWS,)}, False),
        ({"devices": ("cuda", "cpu")}, True),
        ({"devices": ("cpu",)}, False),
        ({"pythons": ("3.10", "3.11")}, True),
        ({"pythons": ("3.10",)}, False),
        ({"releases": Bounds("2.15.1", "2.15.1")}, True),
        ({"releases": Bounds("2.16.0", None)}, False),
        ({"releases": Bounds(None, "2.15.0")}, False),
        ({"compute_capability_below": "7.5"}, True),
    ],
)
def test_a_pin_applies_where_all_that_it_names_fits(fields, applies):
    one = pin("numpy<2", None, None)._replace(**fields)
    assert pins_of(cell(), (one,)) == ((one,) if applies else ())


@pytest.mark.parametrize(
    ("release", "first", "last", "expected"),
    [
        ("2.15.1", None, None, True),
        ("2.15.1", "2.15.1", "2.15.1", True),
        ("2.15.1", "2.15", None, True),
        ("2.10.0", "2.9.0", "2.11.0", True),
        ("2.15.0.post1", None, "2.15.0", False),
        ("2.16.0rc1", "2.16.0", None, False),
        ("2.15.1", "2.15.2", None, False),
        ("2.15.1", None, "2.15.0", False),
    ],
)
def test_bounds_include_both_ends(release, first, last, expected):
    assert within(release, first, last) is expected


def test_what_was_never_asked_has_no_verdict():
    asked = Resolution(
        python="3.11", platform=LINUX, requirements=BY_EXTRA, resolves=True, since="2026-03-03"
    )
    assert Resolutions((asked,)).of(cell(), BY_EXTRA) is asked
    assert Resolutions((asked,)).of(cell(python="3.10"), BY_EXTRA) is None
    assert NONE_ASKED.of(cell(), BY_EXTRA) is None
