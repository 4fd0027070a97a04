"""Runs of one cell on one kind of hardware are held against each other, bit by bit."""

from tests.verify.sent_runs import answered, on_gpu, retimed, sent
from verify.commands.command_line import main

ONE = on_gpu()
OTHER = answered(retimed(ONE, 1.1)._replace(started="2026-11-27T10:00:00Z"))


def compared(capsys, tmp_path, *runs):
    status = main(["compare", *(str(sent(tmp_path, run)) for run in runs)])
    return status, capsys.readouterr().out.splitlines()


def test_runs_of_two_days_on_one_kind_of_gpu_agree(capsys, tmp_path):
    assert ONE.challenge.own != OTHER.challenge.own
    status, (line,) = compared(capsys, tmp_path, ONE, OTHER)
    assert status == 0
    assert line.startswith("2.15.1, Python 3.11, cuda, NVIDIA GeForce RTX 3090: ")
    assert line.endswith(" agree to the last bit")


def test_a_run_that_came_out_otherwise_is_told_with_how_far_off_it_is(capsys, tmp_path):
    words = OTHER.challenge.common
    bits = f"{int(words[0], 16) ^ 1:08x}"
    changed = OTHER._replace(challenge=OTHER.challenge._replace(common=(bits, *words[1:])))
    status, (line,) = compared(capsys, tmp_path, ONE, changed)
    assert status == 1
    assert " differ in 1 of 32 numbers, by " in line
    assert line.endswith(("e-08 of the larger at most", "e-07 of the larger at most"))


def test_runs_on_other_hardware_or_with_other_packages_are_not_compared(capsys, tmp_path):
    driver = OTHER._replace(runner=OTHER.runner._replace(driver="560.35.03"))
    packages = OTHER._replace(packages=OTHER.packages[1:])
    status, lines = compared(capsys, tmp_path, ONE, driver, packages)
    assert (status, lines) == (
        0,
        ["no two runs with an answer are of the same cell, packages and hardware"],
    )
