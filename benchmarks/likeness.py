"""How alike two pictures are: the structural similarity (SSIM) of their luminance."""

import numpy as np
from PIL import Image

WINDOW = 8
STABILITY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # of Wang et al., 2004


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean similarity of all windows of 8 x 8 pixels, 1.0 for equal pictures."""
    if one.size != other.size:
        raise ValueError(f"{one.size} is not {other.size}")
    a, b = (_windows(image) for image in (one, other))
    mean_a, mean_b = a.mean(-1), b.mean(-1)
    covariance = (a * b).mean(-1) - mean_a * mean_b
    light, structure = STABILITY
    likeness = (2 * mean_a * mean_b + light) * (2 * covariance + structure)
    likeness /= (mean_a**2 + mean_b**2 + light) * (a.var(-1) + b.var(-1) + structure)
    return float(likeness.mean())


def _windows(image: Image.Image) -> np.ndarray:
    """Return the luminance as rows of the pixels of each window; what is left over is cut."""
    grey = np.asarray(image.convert("L"), np.float64)
    rows, columns = (side // WINDOW for side in grey.shape)
    cut = grey[: rows * WINDOW, : columns * WINDOW]
    return cut.reshape(rows, WINDOW, columns, WINDOW).swapaxes(1, 2).reshape(rows, columns, -1)
