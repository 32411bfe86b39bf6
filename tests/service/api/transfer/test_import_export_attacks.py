"""Files that are damaged, forged or too large are refused early, and the answer says where and by which limit."""

import io
import json
import struct
import zipfile

import pytest

from models.formats import network_json, safetensors
from tests.support.archives import archive_of, fault_of, files_of, summed

SAFETENSORS = "application/vnd.safetensors"
# What is refused never comes as far as the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def files(exported):
    """The files of an export, but their checksums."""
    files = files_of(exported)
    files.pop("SHA256SUMS")
    return files


@pytest.fixture
def described(networks):
    """A network as JSON without its digest, so that it may be changed."""
    value = json.loads(network_json.dumps(networks["number"]))
    value.pop("sha256")
    return value


def with_record(files, **changes):
    """An archive whose checksums fit, and whose `version.json` says something else of the version."""
    record = json.loads(files["version.json"])
    record["version"] |= changes
    return archive_of(summed({**files, "version.json": json.dumps(record).encode()}))


@pytest.mark.parametrize("changed", ["weights.safetensors", "version.json", "README.md", "card.md"])
def test_a_changed_file_is_named(send, exported, changed):
    files = files_of(exported)
    files[changed] += b" "
    fault = fault_of(send(archive_of(files)), 422)
    assert (fault["location"], fault["code"]) == (["body", changed], "checksum")


@pytest.mark.parametrize("missing", ["weights.safetensors", "version.json", "SHA256SUMS"])
def test_a_missing_file_is_named(send, exported, missing):
    files = files_of(exported)
    files.pop(missing)
    assert fault_of(send(archive_of(files)), 422)["location"] == ["body", missing]


@pytest.mark.parametrize(
    "entry", ["/etc/passwd", "../weights.safetensors", "a/version.json", "inner.zip", "C:\\x", "weights.safetensors/"]
)
def test_no_other_file_is_unpacked(send, files, entry):
    fault = fault_of(send(archive_of(summed({**files, entry: b"x"}))), 422)
    assert fault["code"] == "unknown-file"


def test_a_file_twice_is_refused(send, exported, recwarn):
    buffer = io.BytesIO(exported)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("version.json", b"{}")
    assert fault_of(send(buffer.getvalue()), 422)["location"] == ["body", "version.json"]
    assert "Duplicate name" in str(recwarn.pop().message)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_archive_cannot_be_read(send, exported, share):
    assert send(exported[: int(len(exported) * share)]).status_code == 400


def test_flipped_bits_of_the_weights_are_found(send, exported):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        start = archive.getinfo("weights.safetensors").header_offset
    damaged = bytearray(exported)
    damaged[start + 200] ^= 1
    assert fault_of(send(bytes(damaged)), 422)["location"] == ["body", "weights.safetensors"]


def test_encrypted_files_are_refused(send, exported):
    marked = bytearray(exported)
    entry = marked.index(b"PK\x01\x02")
    marked[entry + 8] |= 1  # the flag of the first file in the directory
    assert fault_of(send(bytes(marked)), 422)["code"] == "packing"


def test_strange_compression_is_refused(send, files):
    assert fault_of(send(archive_of(summed(files), zipfile.ZIP_LZMA)), 422)["code"] == "packing"


def test_an_archive_of_many_files_is_refused_unread(send):
    many = archive_of({f"{number:06}": b"" for number in range(2_000)})
    refused = send(many)
    assert refused.status_code == 413
    assert "6 files" in refused.json()["detail"]


def test_a_long_directory_behind_a_short_one_is_refused_unread(send, exported):
    end = exported.index(b"PK\x05\x06")
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    assert send(exported[:end] + locator + exported[end:]).status_code == 413


def test_a_bomb_is_refused_by_the_size_that_it_tells(send, files):
    bomb = archive_of(summed({**files, "card.md": bytes(65 * 2**20)}), zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2**20
    refused = send(bomb)
    assert refused.status_code == 413
    assert "FEEDFORWARD_MAX_TRAIN_BYTES" in refused.json()["detail"]


def test_a_bomb_that_lies_unpacks_to_no_more_than_it_tells(send, files):
    honest = archive_of(summed({**files, "card.md": bytes(2**20)}), zipfile.ZIP_DEFLATED)
    size, told = struct.pack("<I", 2**20), struct.pack("<I", 10)
    liar = honest.replace(size, told)
    assert liar != honest
    assert fault_of(send(liar), 422)["location"] == ["body", "card.md"]


def test_a_record_of_other_weights_is_refused(send, files):
    fault = fault_of(send(with_record(files, weights_sha256="0" * 64)), 422)
    assert fault["location"] == ["body", "version.json", "version", "weights_sha256"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"metrics": {"training": {"accuracy": "high"}, "validation": None}}, ["metrics", "training"]),
        ({"metrics": {"training": {"rows": [{}]}, "validation": None}}, ["metrics", "training"]),
        ({"metrics": {"training": None}}, ["metrics", "validation"]),
        ({"environment": None}, ["environment"]),
        ({"seed": 1.5}, ["seed"]),
        ({"seed": True}, ["seed"]),
        ({"description": "x" * 10_001}, ["description"]),
        ({"warnings": ["loud"]}, ["warnings", 0]),
        ({"request": {"data": {"dataset": "sha256:" + "0" * 64}}}, ["request", "model"]),
        ({"dataset": "../x"}, ["dataset"]),
    ],
)
def test_what_is_told_of_the_version_is_checked(send, files, changes, place):
    assert fault_of(send(with_record(files, **changes)), 422)["location"] == ["body", "version.json", "version", *place]


def test_a_request_is_held_to_the_limits_of_this_server(send, files):
    request = json.loads(files["version.json"])["version"]["request"]
    request["training"]["epochs"] = 10**9
    fault = fault_of(send(with_record(files, request=request)), 422)
    assert fault["location"][-3:] == ["request", "training", "epochs"]
    assert "FEEDFORWARD_MAX_EPOCHS" in fault["message"]


@pytest.mark.parametrize("text", [b"", b"{", b'{"form": NaN}', b'{"form": "\\u0000"}', b"[" * 1000 + b"]" * 1000])
def test_a_record_that_is_no_json_is_refused(send, files, text):
    fault = fault_of(send(archive_of(summed({**files, "version.json": text}))), 422)
    assert fault["location"] == ["body", "version.json"]


@pytest.mark.parametrize("share", [0.0001, 0.3, 0.999])
def test_cut_weights_are_refused(send, weights, share):
    fault = fault_of(send(weights[: int(len(weights) * share)], SAFETENSORS), 422)
    assert (fault["location"], fault["code"]) == (["body"], "bad-network")


def test_tensors_without_a_description_are_refused(send):
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    file = struct.pack("<Q", len(header)) + header + bytes(4)
    assert "feedforward" in fault_of(send(file, SAFETENSORS), 422)["message"]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("preprocessing", lambda network: network["preprocessing"][1].update(scale=0.0)),
        ("preprocessing", lambda network: network["preprocessing"][3].update(levels=["red", "red", "blü"])),
        ("target", lambda network: network["target"].update(names=["age", "age"], shift=[0, 0], scale=[1, 1])),
        ("calibration", lambda network: network["calibration"].update(scores=network["calibration"]["scores"] * 2)),
        ("calibration", lambda network: network["calibration"]["spreads"][0].update(weights=[1.0])),
        ("calibration", lambda network: network["calibration"].update(temperature=-1.0)),
    ],
)
def test_a_network_that_does_not_hang_together_is_refused(send, described, part, change):
    change(described)
    refused = send(json.dumps(described).encode(), "application/json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "bad-network"


@pytest.mark.parametrize(
    ("minimum", "maximum", "field"),
    [(18.0, None, "maximum"), (None, 80.0, "minimum"), (80.0, 18.0, "maximum")],
    ids=["minimum alone", "maximum alone", "the wrong way round"],
)
def test_a_range_of_a_feature_with_one_end_or_none_between_its_ends_is_refused_at_its_field(
    send, described, minimum, maximum, field
):
    place = next(k for k, feature in enumerate(described["preprocessing"]) if feature["type"] == "number")
    described["preprocessing"][place].update(minimum=minimum, maximum=maximum)
    described["signature"]["features"][place].update(minimum=minimum, maximum=maximum)
    fault = fault_of(send(json.dumps(described).encode(), "application/json"), 422)
    assert (fault["location"], fault["code"]) == (["body", "preprocessing", place, field], "bad-network")


@pytest.mark.parametrize("kind", ["application/json", SAFETENSORS])
def test_a_variance_below_0_is_refused_at_its_tensor(send, networks, kind):
    normed = safetensors.loads(safetensors.dumps(networks["classes"]))
    normed.network.buffers["hidden.1.norm.variance"][2] = -0.5
    content = network_json.dumps(normed) if kind == "application/json" else safetensors.dumps(normed)
    fault = fault_of(send(content, kind), 422)
    assert fault["location"] == ["body", "tensors", "hidden.1.norm.variance"]
    assert fault["code"] == "bad-network"


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b'{"tensors": {}}', b'{"tensors": {"a": [1e400]}}', b'{"a": NaN}', b'{"a":' * 99 + b"1"],
)
def test_json_that_is_no_network_is_refused(send, text):
    assert send(text, "application/json").status_code in {400, 422}


def test_deep_tensors_are_refused(send, described):
    deep = json.dumps(described).replace('"output.bias": [', '"output.bias": [' + "[" * 500, 1)
    place = deep.index("]", deep.index('"output.bias"'))
    refused = send((deep[:place] + "]" * 500 + deep[place:]).encode(), "application/json")
    assert refused.status_code == 400
    assert "FEEDFORWARD_MAX_JSON_DEPTH" in refused.json()["detail"]


def test_names_that_no_database_can_store_are_refused(send, described):
    text = json.dumps(described).replace('"income"', '"in\\u0000come"')
    assert send(text.encode(), "application/json").status_code == 400
