"""Bytes of a point: every number comes back to its last bit, and no byte can change without being found out."""

import io
import math
import random
import struct
import zipfile

import numpy as np
import pytest

from comparison.point_store.encoding import Damaged, decoded, encoded

PAYLOAD = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_1234))[0]  # a NaN of its own
DATA = {
    "numbers": [0.1, -0.0, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 3, 10**30, True, None, "σ±⟨m⟩\n"],
    "nested": {"tuple": (1, (2.5, [])), "dict": {}, "array": np.array([PAYLOAD, -0.0, 1e-320])},
    "complex": np.array([[1 + 2j, -0.0j], [np.inf, 1e-300j]], order="F"),
    "scalar": np.float64(0.1),
    "whole": np.arange(6).reshape(2, 3)[:, ::2],
    "empty": np.zeros((3, 0)),
    "truth": np.array([True, False]),
}


def same(one, other):
    if isinstance(one, np.ndarray | np.generic):
        return (
            type(one) is type(other)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and (one.tobytes() == other.tobytes())
        )
    if isinstance(one, dict):
        return type(other) is dict and list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and repr(one) == repr(other)


def test_everything_comes_back_to_the_last_bit():
    assert same(decoded(encoded(DATA)), DATA)
    assert math.isnan(decoded(encoded([math.nan]))[0])


def test_the_same_data_has_the_same_bytes():
    assert encoded(DATA) == encoded(DATA)


def test_it_is_an_archive_that_others_can_read(tmp_path):
    file = tmp_path / "point.npz"
    file.write_bytes(encoded({"x": np.arange(3.0)}))
    with np.load(file, allow_pickle=False) as archive:
        assert archive["0"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("what", [{1: 2}, {1, 2}, np.array([None]), object(), b"bytes"])
def test_what_cannot_be_data_is_refused(what):
    with pytest.raises(TypeError, match="cannot be stored"):
        encoded([what])


def test_no_cut_and_no_changed_byte_goes_unnoticed():
    content, chance = encoded(DATA), random.Random(1)
    for length in {*range(0, len(content), 37), *range(len(content) - 80, len(content))}:
        with pytest.raises(Damaged):
            decoded(content[:length])
    places = {*chance.sample(range(len(content)), 300), *range(len(content) - 80, len(content))}
    for at in places:
        for change in (1, 0x80):
            with pytest.raises(Damaged, match="checksum"):
                decoded(content[:at] + bytes([content[at] ^ change]) + content[at + 1 :])
    for more in (b"\0", b"sha256 ", content):
        with pytest.raises(Damaged, match="checksum"):
            decoded(content + more)


def test_nothing_is_unpickled():
    """A file with a right checksum that was made to run code: its arrays of objects are refused."""
    from comparison.point_store import encoding

    buffer, member = io.BytesIO(), io.BytesIO()
    np.save(member, np.array([print], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"sha256 " + bytes(64)
        archive.writestr("data.json", '{"array": 0}')
        archive.writestr("0.npy", member.getvalue())
    body = buffer.getvalue()[:-71]
    with pytest.raises(Damaged, match="ValueError: Object arrays cannot be loaded"):
        decoded(body + encoding._comment(body))
