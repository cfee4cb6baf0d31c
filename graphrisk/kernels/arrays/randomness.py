"""Random numbers by counter: the numbers of scenario s depend on (seed, s) alone, not on who draws them or when.

Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: Philox4x64-10,
the generator that numpy ships (`numpy.random.Philox`), whose output ours equals word by word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_LOW = np.uint64(0xFFFFFFFF)
_32, _11, _1, _0, _3 = np.uint64(32), np.uint64(11), np.uint64(1), np.uint64(0), np.uint64(3)
_STEP = 1.0 / 9007199254740992.0  # 2^-53
WORDS = 8
"""Length of a stream: four words of output, then scenario, stream, block and place."""


@njit(cache=True, nogil=True, inline="always")
def _high(a, b):  # type: ignore[no-untyped-def]
    """Return the upper 64 bits of a product of two words."""
    a_low, a_high, b_low, b_high = a & _LOW, a >> _32, b & _LOW, b >> _32
    middle = a_high * b_low + ((a_low * b_low) >> _32)
    other = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _32) + (other >> _32)


@njit(cache=True, nogil=True)
def philox(c0, c1, c2, c3, k0, k1, out):  # type: ignore[no-untyped-def]
    """Write the four words of counter (c0, c1, c2, c3) under key (k0, k1) to out[:4]."""
    for _ in range(10):
        high_0, low_0 = _high(_M0, c0), _M0 * c0
        high_1, low_1 = _high(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0, k1 = k0 + _W0, k1 + _W1
    out[0], out[1], out[2], out[3] = c0, c1, c2, c3


@njit(cache=True, nogil=True)
def open_stream(scenario, number, stream):  # type: ignore[no-untyped-def]
    """Set `stream` (WORDS,) to the start of stream `number` of `scenario`."""
    stream[4] = np.uint64(scenario)
    stream[5] = np.uint64(number)
    stream[6] = _0
    stream[7] = _0


@njit(cache=True, nogil=True)
def next_uniform(seed, stream):  # type: ignore[no-untyped-def]
    """Return the next number of the stream, in (0, 1): neither end is ever drawn."""
    place = stream[7] & _3
    if place == _0:
        philox(stream[6], stream[4], stream[5], _0, seed, _0, stream)
        stream[6] += _1
    word = stream[np.int64(place)]
    stream[7] += _1
    return (np.float64(word >> _11) + 0.5) * _STEP


@njit(cache=True, nogil=True)
def _uniforms(seed, scenarios, number, out):  # type: ignore[no-untyped-def]
    stream = np.zeros(WORDS, dtype=np.uint64)
    for at in range(len(scenarios)):
        open_stream(scenarios[at], number, stream)
        for k in range(out.shape[1]):
            out[at, k] = next_uniform(seed, stream)


def uniforms(seed: int, scenarios: npt.NDArray[np.int64], number: int, count: int) -> Floats:
    """Return (len(scenarios), count) numbers in (0, 1) of stream `number` of each scenario."""
    out = np.empty((len(scenarios), count))
    _uniforms(np.uint64(seed), np.ascontiguousarray(scenarios, dtype=np.int64), number, out)
    return out
