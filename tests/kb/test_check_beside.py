"""`check` on what TensorFlow does not work beside, from the real knowledge base."""

import pytest

from kb.base.store import Store
from kb.check.answer import check

STORE = Store()


@pytest.fixture
def findings(tmp_path):
    """Check lines on a platform."""

    def run(*lines, platform="macos-arm64", python="3.11"):
        path = tmp_path / "requirements.txt"
        path.write_text("\n".join(lines) + "\n")
        return check(STORE, path, platform, python).findings

    return run


@pytest.mark.parametrize(
    ("release", "plugin", "fix"),
    [
        ("2.20.0", "1.2.0", "ask for tensorflow==2.19.1"),
        ("2.18.0", "1.1.0", "or ask for tensorflow-metal==1.2.0"),
    ],
)
def test_a_plugin_of_another_release_is_told(release, plugin, fix, findings):
    found = findings(f"tensorflow=={release}", f"tensorflow-metal=={plugin}")
    (finding,) = [one for one in found if one.rule == "plugin"]
    assert finding.line == 2
    assert finding.text.startswith(f"no table and no report has tensorflow-metal {plugin} with")
    assert fix in [way.told for way in finding.ways_out]
    assert finding.sources


@pytest.mark.parametrize(
    ("release", "plugin", "platform"),
    [
        ("2.19.1", "1.2.0", "macos-arm64"),
        ("2.17.1", "1.1.0", "macos-arm64"),
        ("2.16.2", "1.2.0", "macos-arm64"),
        ("2.20.0", "1.2.0", "linux-x86_64"),
    ],
)
def test_a_plugin_of_the_release_or_without_a_wheel_is_not(release, plugin, platform, findings):
    lines = (f"tensorflow=={release}", f"tensorflow-metal=={plugin}")
    assert findings(*lines, platform=platform) == ()


def test_what_crashes_beside_2_20_on_macos_is_told_with_its_reports(findings):
    (finding,) = findings("tensorflow==2.20.0", "pyarrow", "tokenizers")
    assert (finding.rule, finding.severity, finding.line) == ("problem", "warning", 2)
    assert "beside pyarrow and tokenizers" in finding.text
    assert "https://github.com/tensorflow/tensorflow/issues/98563" in finding.sources


def test_it_is_not_told_elsewhere_or_before(findings):
    assert findings("tensorflow==2.19.1", "pyarrow") == ()
    assert findings("tensorflow==2.20.0", "pyarrow", platform="linux-x86_64") == ()
