"""To eight bits of sRGB, faithfully: profiles are converted, never just dropped."""

import io
from typing import Any

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
# The modes a profile of each colour space may belong to.
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Return the image in L, RGB, RGBA or CMYK. Raises ValueError for what has no white point.

    Pillow keeps grey of 16 bits and would clip it at 255: its high byte is what we want.
    Colours of 16 bits have come as their high bytes already.
    """
    if image.mode.startswith("I;16"):
        native = image if image.mode == "I;16" else image.convert("I;16")
        return Image.frombytes("L", image.size, native.tobytes()[1::2])
    if image.mode in ("1", "L", "RGB", "RGBA", "CMYK"):
        return image.convert("L") if image.mode == "1" else image
    if image.mode in ("P", "PA", "LA", "La", "RGBa", "RGBX"):
        solid = image.mode == "RGBX" or (image.mode == "P" and "transparency" not in image.info)
        return image.convert("RGB" if solid else "RGBA")
    if image.mode == "YCbCr":
        return image.convert("RGB")
    raise ValueError(f"no eight bits of {image.mode}")


def on_white(image: Image.Image) -> Image.Image:
    """Return the image without transparency, as it looks on paper."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    paper.info = image.info
    return paper


def to_srgb(image: Image.Image) -> Image.Image:
    """Return the image as sRGB, by its own profile if it has a usable one."""
    profile = _profile(image.info.get("icc_profile"), image.mode)
    if profile is None:
        return image.convert("RGB")
    converted: Any = ImageCms.profileToProfile(
        image,
        profile,
        SRGB,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return converted


def _profile(embedded: bytes | None, mode: str) -> ImageCms.ImageCmsProfile | None:
    """Return the embedded profile, or None when it is missing, broken or of another kind."""
    if not embedded:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        fits = MODES.get(profile.profile.xcolor_space.strip()) == mode
        ImageCms.buildTransform(profile, SRGB, mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, AttributeError):
        return None
    return profile if fits else None
