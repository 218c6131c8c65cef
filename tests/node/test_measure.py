"""What the page measures on beats and on the map, against numpy, scipy and scikit-learn."""

import numpy as np
import pytest
from scipy import signal, stats
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.generator import synthetic
from tests.node.run import called, needs_node

pytestmark = needs_node
MEASURE = "shared/measure.js"


def test_r_peak_qrs_width_and_t_wave():
    beats = synthetic(60, seed=1)[0]  # noisy ones
    ms, x = beats.ms, beats.x[:, 0].double().numpy()
    names = ("rPeak", "qrsWidth", "tWave")
    found = called(MEASURE, *((n, ms.tolist(), row) for n in names for row in x.tolist()))
    r, widths, t_wave = (found[n : n + 60] for n in (0, 60, 120))
    near_r = np.where(abs(ms) <= 80, x, -np.inf)
    peaks = near_r.argmax(axis=1)
    assert [found["index"] for found in r] == peaks.tolist()
    np.testing.assert_allclose([found["amplitude"] for found in r], near_r.max(axis=1))
    np.testing.assert_allclose([found["time"] for found in r], ms[peaks])
    expected = [signal.peak_widths(row, [p])[0][0] for row, p in zip(x, peaks, strict=True)]
    np.testing.assert_allclose(widths, np.array(expected) * (ms[1] - ms[0]), rtol=1e-9)
    expected = x[:, (ms >= 180) & (ms <= 320)].mean(axis=1) - np.median(x, axis=1)
    np.testing.assert_allclose(t_wave, expected)
    assert (expected > 0).any() and (expected < 0).any()


def test_the_nearest_beat_each_axis_in_its_unit():
    rng, scale = np.random.default_rng(0), np.array([1.0, 0.5])
    codes, z = rng.normal(size=(40, 2)), rng.normal(size=(60, 2))
    flat = codes.ravel().tolist()
    found = called(MEASURE, *(("nearest", flat, point, scale.tolist()) for point in z.tolist()))
    distance, index = NearestNeighbors(n_neighbors=1).fit(codes / scale).kneighbors(z / scale)
    assert [n["index"] for n in found] == index[:, 0].tolist()
    np.testing.assert_allclose([n["distance"] for n in found], distance[:, 0])


@pytest.mark.parametrize("posterior", [True, False])
def test_the_density_is_that_of_the_posteriors_or_scotts_estimate(posterior):
    rng = np.random.default_rng(0)
    codes, spread = rng.normal(size=(40, 2)), rng.uniform(0.3, 0.6, (40, 2))
    given = codes.ravel().tolist(), spread.ravel().tolist() if posterior else None
    (found,) = called(MEASURE, ("density", *given, [[-4, 4], [-3, 5]], 32))
    width = spread if posterior else codes.std(axis=0, ddof=1) * len(codes) ** (-1 / 6)
    centres = (np.arange(32) + 0.5) / 32 * 8
    grid = np.stack(np.meshgrid(centres - 4, 5 - centres), axis=-1)[:, :, None]  # (32, 32, 1, 2)
    expected = stats.norm(codes, width).pdf(grid).prod(axis=-1).mean(axis=-1)
    np.testing.assert_allclose(found, expected.ravel(), atol=2e-3 * expected.max())


@pytest.mark.parametrize("posterior", [True, False])
def test_a_beat_that_stands_for_several_counts_as_often(posterior):
    rng = np.random.default_rng(1)
    codes, spread = rng.normal(size=(20, 2)), rng.uniform(0.3, 0.6, (20, 2))
    weights = rng.integers(1, 9, 20)

    def density(times, *more):
        rows = [np.repeat(a, times, axis=0).ravel().tolist() for a in (codes, spread)]
        return ("density", rows[0], rows[1] if posterior else None, [[-4, 4], [-3, 5]], 32, *more)

    weighted, repeated = called(MEASURE, density(1, weights.tolist()), density(weights))
    np.testing.assert_allclose(weighted, repeated, atol=1e-6)


def test_numbers_as_a_reader_sees_them():
    minus = "\u2212"
    found = called(
        "shared/numbers.js", ("shown", -0.001), ("shown", -1.257), ("shown", 3.14159, 3),
        ("withThousands", 50625), ("clamp", 7, [0, 5]), ("clamp", -7, [0, 5]),
    )  # fmt: skip
    assert found == ["0.00", f"{minus}1.26", "3.142", "50,625", 5, 0]
    (found,) = called("shared/numbers.js", ("ticks", -0.31, 1.2, 4))
    assert [tick["text"] for tick in found] == ["0.0", "0.5", "1.0"]
