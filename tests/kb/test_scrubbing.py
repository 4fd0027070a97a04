"""The one table of what is taken out of texts: what each row takes, and what it must leave."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.base.scrubbing import OUTPUT, PRIVATE, Scrubber, leaks, names_of

ROOT = "/" + "root"
HEX = "0123456789abcdef"
SHA256 = HEX * 4
# For each row: texts, what is left of them, and texts that stay as they are.
ROWS = {
    "an address": (
        {
            "git+ssh://me:pw@host/x.git": "[address]",
            "index https://anna:hunter2@pypi.corp.example/simple, then": "index [address] then",
        },
        ["https://github.com/tensorflow/tensorflow/issues/121157", "C++: std::vector", "a: //b"],
    ),
    "a token": (
        {
            "sk-a1B2c3D4e5F6g7H8i9J0": "[token]",
            "key sk-proj-Ab1_Cd2-Ef3_Gh4-Ij5": "key [token]",
            "sk-ant-api03-aaaaBBBBccccDDDD1111": "[token]",
            "ghp_a1B2c3D4e5F6g7H8i9J0k1L2": "[token]",
            "x_ghp_a1B2c3D4e5F6g7H8i9J0k1L2": "x_[token]",
            "hf_AbCdEfGhIjKlMnOpQrStUvWxYz": "[token]",
            "nvapi-Zx_1-AbCdEfGhIjKlMnOpQr": "[token]",
            "pypi-AgEIcHlwaS5vcmcCJGE": "[token]",
            "xoxb-1234567890-abcdefghijABCDEFGHIJ": "[token]",
            "AKIA0123456789ABCDEF": "[token]",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc": "[token]",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nx": "[token]\nx",
            f"WANDB {HEX * 2}01234567 end": "WANDB [token] end",
            f"digest={HEX * 2}": "digest=[token]",
            f"a secret alone {SHA256}": "a secret alone [token]",
            f"sha256={HEX * 2}01234567": "sha256=[token]",
            f"0{SHA256}": "[token]",
            "HF_TOKEN=abc def": "HF_[token] def",
            '{"password": "hunter2", "x": 1}': '{"[token] "x": 1}',
            "AWS_SECRET_ACCESS_KEY = abc/def": "AWS_SECRET_[token]",
            "twine --password hunter2 --verbose": "twine --[token] --verbose",
            "Authorization: Bearer abcdef012345": "[token]",
            "sent Bearer abcdef0123456789": "sent [token]",
        },
        [
            f"size=7537 sha256={SHA256}",
            f"--hash=sha256:{SHA256}",
            f"        Expected sha256 {SHA256}\n             Got        {SHA256}",
            f'"sha256": "{SHA256}"',
            f"Processing [cache]/wheels/c2/ea/a3/{SHA256[:50]}/functools32-3.2.3.post2-py2-any.whl",
            f"https://github.com/pciutils/pciids/blob/{(HEX * 3)[:40]}/pci.ids",
            "Downloading hf_xet-1.1.5-cp37-abi3-manylinux_2_28_x86_64.whl (3.2 MB)",
            "pypi-attestation-models-0.0.1 sk-learn-contrib-something disk-encryption-of-a-machine",
            "task_1234567890abcdef1234 desk-aaaaaaaaaaaaaaaaaaaaaaaa",
            "CUDA_ERROR_INVALID_PTX 0x000000000000da 0x7f3c5566e50a86f0",
            "tokenizer: fast; token of the day",
        ],
    ),
    "an e-mail address": (
        {"by me.too+x@mail.example.com.": "by [e-mail]."},
        ["symbol memcpy@GLIBC_2.14.1, version CXXABI_1.3.9", "numpy @ file"],
    ),
    "a home path": (
        {
            "/var/home/anna/x": "~/x",
            "/home/anna": "~",
            "-L/home/anna/lib": "-L~/lib",
            "/Users/anna/x": "~/x",
            "/mnt/c/Users/anna/x": "~/x",
            "/export/home/anna/x": "~/x",
            r"C:\Users\Anna\x": r"~\x",
            r"C:\Users\Anna Roe\x": r"~\x",
            r"'C:\\Users\\Anna\\x'": r"'~\\x'",
            "C:/Users/Anna/x": "~/x",
            f"{ROOT}/.cache": "~/.cache",
        },
        [f"/opt{ROOT}/x", "/opt/homes/x", r"C:\Program Files\x", "~/x", "/rootfs/x", "/home/ x"],
    ),
    "an id": (
        {
            "GPU 0: T4 (UUID: GPU-12345678-1234-1234-1234-123456789abc)": "GPU 0: T4 (UUID: [id])",
            "MIG-GPU-12345678-1234-1234-1234-123456789abc/1/0": "MIG-[id]/1/0",
            "MIG-12345678-1234-1234-1234-123456789abc": "[id]",
            "machine 12345678-1234-1234-1234-123456789ABC": "machine [id]",
            "link/ether 02:42:ac:11:00:02 brd": "link/ether [id] brd",
        },
        ["GPU-0", "2026-11-23 04:22:10.595284: I tensorflow", "PCI 00000000:65:00.0", "a-b-c-d-e"],
    ),
    "the name of a host": (
        {
            "driver is not running on this host (anna-x1): /proc": (
                "driver is not running on this host ([host]): /proc"
            ),
            "diagnostic information for host: anna-x1": "diagnostic information for host: [host]",
            "hostname: anna-x1": "hostname: [host]",
        },
        ["on this host ([host])", "the host: none", "localhost/replica:0/task:0"],
    ),
    "a network address": (
        {"to 10.0.0.1:8080 failed": "to [address] failed"},
        ["numpy 1.26.4.1", "cuDNN 8.9.7.29: loaded", "x.py:12: error"],
    ),
}


@pytest.mark.parametrize("kind", PRIVATE, ids=lambda kind: kind.name)
def test_a_row_takes_what_it_names_and_leaves_the_rest(kind):
    taken, left = ROWS[kind.name]
    for text, expected in taken.items():
        assert Scrubber({}).text(text) == expected
        assert [one for one in leaks(text, PRIVATE) if one.startswith(f"{kind.name} (")]
    for text in left:
        assert Scrubber({}).text(text) == text
        assert list(leaks(text, PRIVATE)) == []


def test_what_programs_printed_loses_the_same_and_every_address():
    assert [kind.name for kind in OUTPUT[: len(PRIVATE)]] == [kind.name for kind in PRIVATE]
    output = Scrubber({}, OUTPUT)
    for taken, left in ROWS.values():
        for text, expected in taken.items():
            assert output.text(text) == expected.replace("~", "[home]")
        for text in left:
            assert output.text(text) == re.sub(r"https://\S+", "[address]", text)
    assert output.text("see https://example.com/a?b#c now") == "see [address] now"


def test_names_of_this_machine_go_wherever_they_stand_whole():
    environment = {"HOME": "/data/anna.roe", "USER": "aroe", "HOSTNAME": "gpu7.corp.example"}
    scrubber = Scrubber(names_of(environment))
    assert scrubber.text(
        "aroe on gpu7.corp.example, gpu7: /data/anna.roe/x -I/DATA/anna.roe/y"
    ) == ("[user] on [host], [host]: ~/x -I~/y")
    assert scrubber.text("aroebic gpu77 /data/anna.roes") == "aroebic gpu77 /data/anna.roes"


REAL = [
    text
    for path in sorted((Path(__file__).parents[2] / "runs").glob("*/*/*.json"))[::4]
    for run in [json.loads(path.read_text(encoding="utf-8"))]
    for text in (
        *(step["output"] for step in run["steps"]),
        *(check.get("error") or "" for check in run["checks"]),
    )
]
LOGS = [path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "logs").glob("*.log")]


@pytest.mark.parametrize("kinds", [PRIVATE, OUTPUT], ids=["ours", "output"])
def test_ordinary_lines_of_pip_and_tensorflow_come_out_unchanged(kinds):
    assert len(REAL) > 400
    assert [one for one in (*REAL, *LOGS) if Scrubber({}, kinds).text(one) != one] == []


LETTERS = string.ascii_letters + string.digits
BEGINNINGS = ["ghp_", "gho_", "github_pat_", "glpat-", "hf_", "pypi-", "xoxb-", "sk-", "sk-proj-"]
KEYS = st.builds(
    lambda begin, *parts: begin + "".join(parts),
    st.sampled_from(BEGINNINGS),
    st.text(LETTERS, min_size=20, max_size=60),
    st.text(LETTERS + "_-", max_size=40),
)
TOKENS = st.text(HEX, min_size=40, max_size=40)
UUIDS = st.builds(
    lambda kind, uuid: f"{kind}{uuid}", st.sampled_from(["", "GPU-", "MIG-"]), st.uuids()
)
NAMES = st.text(string.ascii_lowercase, min_size=4, max_size=12).map("q".__add__)
AROUND = st.sampled_from(
    ["", " ", "\n", "=", ": ", "'", '"', "(", ")", "/", ",", "\x1b[31m", "\u2502", "é", "<", "|",
     "UUID: ", "sha256", "Successfully installed numpy-1.26.4 ", "W tensorflow/core: ", "@", "?"]
)  # fmt: skip
END = st.sampled_from([" ", "\n", "=", ": ", "'", '"', "(", ")", "/", ",", "\u2502", "<", "|", "?"])
BEFORE = st.builds(lambda *parts: "".join(parts), AROUND, AROUND, END)
AFTER = st.builds(lambda *parts: "".join(parts), END, AROUND, AROUND)


@given(BEFORE, st.one_of(KEYS, TOKENS, UUIDS), AFTER)
@example("x/", "0" * 40, "/y")
@example("sha256=", HEX * 2 + "01234567", "")
@example("pciids/blob/", HEX * 2 + "01234567" + "0", "")
def test_no_key_token_or_uuid_survives(before, secret, after):
    for kinds in (PRIVATE, OUTPUT):
        text = Scrubber({}, kinds).text(before + secret + after)
        assert secret[-12:] not in text
        assert list(leaks(text, kinds)) == []


@given(BEFORE, NAMES, NAMES, AFTER)
def test_no_name_survives(before, user, host, after):
    for home in ("/home/", "/var/home/", "/data/people/", "C:\\Users\\"):
        environment = {"HOME": home + user, "USER": user, "HOSTNAME": f"{host}.corp.example"}
        scrubber = Scrubber(names_of(environment))
        text = scrubber.text(
            f"{before}{user}{after} {home}{user}/x{before}{host}{after} {user}@{host}.corp.example"
        )
        assert user not in text.lower()
        assert host not in text.lower()


PARTS = st.one_of(
    KEYS, TOKENS, UUIDS, AROUND, st.text(max_size=12),
    st.sampled_from(
        ["token=", "https://", "u:p@h", "anna", "/home/", "C:\\Users\\", "10.0.0.1:8", "<b", "eyJ",
         "-----BEGIN PRIVATE KEY-----", "Bearer ", "a@b.de", "[user]", "~", ROOT, "anna://"]
    ),
)  # fmt: skip


@given(st.lists(PARTS, max_size=12).map("".join))
@example("anna" + "A" * 31 + "://u@h")
def test_what_is_scrubbed_stays_as_it_is(text):
    for kinds in (PRIVATE, OUTPUT):
        scrubber = Scrubber({"anna": "[user]"}, kinds)
        once = scrubber.text(text)
        assert scrubber.text(once) == once
        assert list(leaks(once, kinds)) == []
        assert all(one == "\n" or " " <= one <= "~" for one in once)
        assert re.search(r"<[A-Za-z/!?]|@\w", once) is None
