"""Colour profiles as cameras and programs embed them, written byte by byte."""

import struct

# The primaries as they stand in profiles: X, Y, Z under D50.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
D50 = (0.96420, 1.0, 0.82491)


def rgb_profile(primaries: tuple[tuple[float, ...], ...], gamma: float = 2.2) -> bytes:
    """A profile of three primaries and one gamma for all."""
    red, green, blue = primaries
    colours = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue, b"wtpt": D50}
    curves = {name: _curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(b"RGB ", {name: _xyz(*one) for name, one in colours.items()} | curves)


def grey_profile(gamma: float) -> bytes:
    return _profile(b"GRAY", {b"wtpt": _xyz(*D50), b"kTRC": _curve(gamma)})


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"test\x00"
    described = b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78)
    tags = {b"desc": described, b"cprt": b"text" + bytes(4) + text, **tags}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", start + len(data), b"lcms", 0x02400000, b"mntr", space, b"XYZ "
    )
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", *map(_fixed, D50))
    return header + bytes(128 - len(header)) + table + data


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">iii", *map(_fixed, values))


def _curve(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + bytes(2)


def _fixed(value: float) -> int:
    return round(value * 65536)
