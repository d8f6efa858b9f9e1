"""Colours as readers with one kind of cone missing see them, and how far apart two colours are.

Severity 1 of Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), on linear RGB;
distances are those of CIELAB (1976), white of D65.
"""

from __future__ import annotations

import numpy as np

MACHADO = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ @ np.ones(3)


def seen(rgb: np.ndarray, vision: str) -> np.ndarray:
    """Linear RGB of colours (…, 3) in sRGB, as somebody with this vision sees them."""
    rgb = np.asarray(rgb, float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(linear @ MACHADO[vision].T, 0, 1)


def lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB (…, 3)."""
    x = linear @ _XYZ.T / _WHITE
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def difference(a, b, vision: str) -> float:
    """ΔE of two sRGB colours; 2.3 is just noticeable."""
    return float(np.linalg.norm(lab(seen(a, vision)) - lab(seen(b, vision))))
