"""To eight bits of sRGB, faithfully: profiles are converted, never just dropped."""

import io
from itertools import chain, product

from PIL import Image, ImageChops, ImageCms, ImageOps
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION

SRGB = ImageCms.createProfile("sRGB")
# The modes a profile of each colour space may belong to.
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
WHITE_IS_ZERO = 0
# Colours from all over the cube, by which to tell what a profile does.
SAMPLES = Image.frombytes("RGB", (64, 64), bytes(chain(*product(range(0, 256, 17), repeat=3))))


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Return the image in L, LA, RGB, RGBA or CMYK. Raises ValueError for what has no white point.

    Colours of 16 bits have come from Pillow as their high bytes already.
    """
    if image.mode.startswith("I;16"):
        return _high_bytes(image)
    if image.mode in ("1", "L", "LA", "RGB", "RGBA", "CMYK"):
        return image.convert("L") if image.mode == "1" else image
    if image.mode in ("P", "PA", "La", "RGBa", "RGBX"):
        solid = image.mode == "RGBX" or (image.mode == "P" and "transparency" not in image.info)
        return image.convert("RGB" if solid else "RGBA")
    if image.mode == "YCbCr":
        return image.convert("RGB")
    raise ValueError(f"no eight bits of {image.mode}")


def on_white(image: Image.Image) -> Image.Image:
    """Return the image without transparency, as it looks on paper."""
    if image.mode not in ("LA", "RGBA"):
        return image
    paper = Image.new(image.mode[:-1], image.size, "white")
    paper.paste(image.convert(paper.mode), mask=image.getchannel("A"))
    paper.info = image.info
    return paper


def to_srgb(image: Image.Image) -> Image.Image:
    """Return the image as sRGB, by its own profile if it has a usable one; RGB changes in place."""
    transform = _transform(image.info.get("icc_profile"), image.mode)
    if transform is None:
        return image.convert("RGB")
    if image.mode == "RGB":
        if _shows(transform):
            ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    converted = ImageCms.applyTransform(image, transform)
    assert converted  # None only when the change is made in place
    return converted


def _shows(transform: ImageCms.ImageCmsTransform) -> bool:
    """Say whether it does more than rounding does: most profiles are sRGB under other names."""
    moved = ImageChops.difference(SAMPLES, ImageCms.applyTransform(SAMPLES, transform))
    return max(most for _, most in moved.getextrema()) > 1


def _high_bytes(image: Image.Image) -> Image.Image:
    """Return grey of 16 bits as its high bytes; Pillow's own way would clip it at 255."""
    native = image if image.mode == "I;16" else image.convert("I;16")
    grey = Image.frombytes("L", image.size, native.tobytes()[1::2])
    tags = getattr(image, "tag_v2", {})
    if tags.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO:  # Pillow sees to it in 8 bits only
        grey = ImageOps.invert(grey)
    grey.info = image.info
    return grey


def _transform(embedded: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way to sRGB; None when the profile is missing, broken or of another kind."""
    if not embedded:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        if MODES.get(profile.profile.xcolor_space.strip()) != mode:
            return None
        return ImageCms.buildTransform(
            profile,
            SRGB,
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, AttributeError):
        return None
