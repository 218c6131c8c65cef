"""The exercises' checks: right answers pass, wrong ones are told why, none is given away."""

import numpy as np
import pytest
import torch
from torch import nn

from ecgae_lib import beats, checks

train, test = beats.split(beats.record_208())
BEATS = (train.x[:, 0].numpy(), test.x[:, 0].numpy())
THIN = tuple(x[:, ::3] for x in BEATS)  # as notebook 10 has them


def insert_zeros(z, stride):
    spread = z.new_zeros(*z.shape[:2], (z.shape[-1] - 1) * stride + 1)
    spread[..., ::stride] = z
    return spread


def zeros_at_the_end(z, stride):
    spread = z.new_zeros(*z.shape[:2], z.shape[-1] * stride)
    spread[..., ::stride] = z
    return spread


def best_with_period(x, period):
    pieces = x.reshape(len(x), -1, period)
    return np.tile(pieces.mean(axis=1), pieces.shape[1])


def error_by_class(x_hat, x, y):
    error = ((x_hat - x) ** 2).mean(dim=(1, 2))
    return [float(error[y == c].mean()) for c in (0, 1)]


def log_density(x_recon, x, s2):
    squares = ((x - x_recon) ** 2).sum(dim=(1, 2))
    return -squares / (2 * s2) - x.shape[-1] / 2 * np.log(2 * np.pi * s2)


class Tilt(nn.Module):
    """Decodes z to a beat whose T wave peaks at 0.5 - z_1, and whose start is z_2."""

    def decode(self, z):
        ms = torch.arange(450) / 450 * 700 - 250
        t_wave = torch.exp(-(((ms - 250) / 40) ** 2))
        start = torch.exp(-(((ms + 200) / 20) ** 2))
        return ((0.5 - z[:, :1]) * t_wave + z[:, 1:] * start)[:, None]


def circle_walk(model, r, n):
    angle = 2 * torch.pi * torch.arange(n) / n
    return model.decode(r * torch.stack([angle.cos(), angle.sin()], dim=1))


def turning_point(x, ms):
    heights = x[:, (ms >= 180) & (ms <= 320)].mean(axis=1) - np.median(x, axis=1)
    return next((step for step, height in enumerate(heights) if height < 0), None)


def noisy(x_train, n):
    return x_train[:n] + np.random.default_rng(0).standard_normal((n, x_train.shape[1]))


class Echo(nn.Module):
    """Returns its input: the error of a perfect model, behind a code of d numbers."""

    def __init__(self, d, scale=1.0):
        super().__init__()
        self.d, self.scale = d, scale

    def forward(self, x):
        return self.scale * x, torch.zeros(len(x), self.d)


def likeliest_beta(x_recon, x):
    return 2 * ((x_recon - x) ** 2).mean() / x.shape[-1]


def posterior_mean(axis, log_joint):
    p = log_joint.flatten(1).softmax(dim=1).view_as(log_joint)
    return torch.stack([p.sum(dim=2) @ axis, p.sum(dim=1) @ axis], dim=1)


def largest_density(axis, log_joint):
    place = log_joint.flatten(1).argmax(dim=1)
    return torch.stack([axis[place // len(axis)], axis[place % len(axis)]], dim=1)


def unnormalised(axis, log_joint):
    p = (log_joint + 3000).exp()
    return torch.stack([p.sum(dim=2) @ axis, p.sum(dim=1) @ axis], dim=1)


def without_logarithms(axis, log_joint):
    p = log_joint.exp()
    means = torch.stack([p.sum(dim=2) @ axis, p.sum(dim=1) @ axis], dim=1)
    return means / p.sum(dim=(1, 2))[:, None]


def snr_gain(x, y, x_hat):
    return 10 * np.log10(((y - x) ** 2).sum() / ((x_hat - x) ** 2).sum())


def rates(found, truth, fs, tolerance=0.1):
    free, hits = list(found), 0
    for r in truth:
        near = [f for f in free if abs(f - r) <= tolerance * fs]
        if near:
            free.remove(near[0])
            hits += 1
    return hits / len(truth), hits / len(found)


def rates_of_any(found, truth, fs):
    apart = abs(np.subtract.outer(truth, found)) <= 0.1 * fs
    return apart.any(axis=1).mean(), apart.any(axis=0).mean()


def patient_folds(patient, k):
    return [np.isin(patient, names) for names in np.array_split(np.unique(patient), k)]


def shuffled_folds(patient, k):
    fold = np.random.default_rng(0).integers(k, size=len(patient))
    return [fold == number for number in range(k)]


def relative_beta(x, relative):
    return relative * (x - x.mean(dim=0)).square().mean()


def empty(*args):
    return None


RIGHT = [
    (checks.resampling_fraction, (18, 7)),
    (checks.heart_rate, lambda t: 60 / np.median(np.diff(t))),
    (checks.share_a_moment, lambda a, b: abs(a - b) < 0.7),
    (checks.pca_numbers, 13, *BEATS),
    (checks.pca_numbers, np.int64(13), *BEATS),
    (checks.conv_450_to_90, dict(kernel_size=9, stride=5, padding=2)),
    (checks.conv_450_to_90, dict(kernel_size=361)),
    (checks.insert_zeros, insert_zeros),
    (checks.output_padding_for_451, 1),
    (checks.gains, lambda kernel, s: [sum(kernel[r::s]) for r in range(s)]),
    (checks.from_1_to_450, [dict(kernel_size=18, stride=18), *[dict(kernel_size=5, stride=5)] * 2]),
    (checks.transposed_weights, 57616),
    (checks.best_with_period, best_with_period),
    (checks.error_by_class, error_by_class),
    (checks.beats_pca, Echo(4), train.x, test.x),
    (checks.mu_of_8_nats, 4),
    (checks.mu_of_8_nats, torch.tensor(4.0)),
    (checks.beta_of_sums, 1 / 400),
    (checks.beta_of_sums, torch.tensor(1 / 400)),
    (checks.log_density, log_density),
    (checks.likeliest_beta, likeliest_beta),
    (checks.likeliest_beta, lambda x_recon, x: float(likeliest_beta(x_recon, x))),
    (checks.posterior_mean, posterior_mean),
    (checks.posterior_mean, lambda axis, log_joint: posterior_mean(axis, log_joint).numpy()),
    (checks.bound_from, lambda w: w.logsumexp(dim=0) - np.log(len(w))),
    (checks.bound_from, lambda w: np.logaddexp.reduce(w.numpy()) - np.log(len(w))),
    (checks.bound_from, lambda w: (w.float().logsumexp(dim=0) - np.log(len(w))).tolist()),
    (checks.two_active, 0.05),
    (checks.two_active, torch.tensor(0.11)),
    (checks.cheat, noisy, *BEATS),
    (checks.negative_t, (1.5, 0.0), Tilt()),
    (checks.negative_t, torch.tensor([2.0, -2.0]), Tilt()),
    (checks.circle_walk, circle_walk, Tilt()),
    (checks.turning_point, turning_point),
    (checks.fewest_bits, 6, *THIN),
    (checks.fewest_bits, np.int64(6), *THIN),
    (checks.wiener_keeps, 0.8),
    (checks.wiener_keeps, torch.tensor(0.8)),
    (checks.snr_gain, snr_gain),
    (checks.snr_gain, lambda *given: float(snr_gain(*given))),
    (checks.threshold, lambda usual, share: np.quantile(usual, 1 - share)),
    (checks.threshold, lambda usual, share: float(np.sort(usual)[round(len(usual) * (1 - share))])),
    (checks.true_alarms, 100 / 2098),
    (checks.true_alarms, 0.048),
    (checks.to_millivolts, lambda adc, gain, zero: (adc.astype(float) - zero) / gain),
    (checks.to_millivolts, lambda adc, gain, zero: [(int(a) - zero) / gain for a in adc]),
    (checks.detector_rates, rates),
    (checks.detector_rates, lambda *given: np.array(rates(*given))),
    (checks.patient_folds, patient_folds),
    (checks.patient_folds, lambda patient, k: np.array(patient_folds(patient, k))),
    (checks.relative_beta, relative_beta),
    (checks.relative_beta, lambda x, relative: relative * float(x.var(dim=0).mean())),
    (checks.bytes_on_disk, 200_000 * 450 * 4),
    (checks.bytes_on_disk, np.int64(360_000_000)),
]
WRONG = [
    (checks.resampling_fraction, (450, 175), "lowest terms"),
    (checks.resampling_fraction, (7, 18), "68.0"),
    (checks.resampling_fraction, 2.57, "not a pair"),
    (checks.resampling_fraction, (0, 0), "above 0"),
    (checks.resampling_fraction, ("18", "7"), "whole numbers"),
    (checks.heart_rate, lambda t: 60 / np.mean(np.diff(t)), "missed"),
    (checks.heart_rate, lambda t: np.median(np.diff(t)), "120"),
    (checks.heart_rate, lambda t: t[999], "IndexError"),
    (checks.heart_rate, lambda t: 60 / np.diff(t), "one number"),
    (checks.pca_numbers, 0, *BEATS, "from 1"),
    (checks.pca_numbers, 13.0, *BEATS, "whole number"),
    (checks.pca_numbers, 1000, *BEATS, "whole number"),
    (checks.beats_pca, "History", train.x, test.x, "the model itself"),
    (checks.share_a_moment, lambda a, b: b - a < 0.7, "5.8"),
    (checks.share_a_moment, lambda a, b: abs(a - b) < 0.45, "share"),
    (checks.share_a_moment, lambda a, b: False, "share"),
    (checks.pca_numbers, 12, *BEATS, "too high"),
    (checks.pca_numbers, 40, *BEATS, "so is k = 39"),
    (checks.conv_450_to_90, dict(kernel_size=5, stride=5), "not longer"),
    (checks.conv_450_to_90, dict(kernel_size=5, stride=3, padding=2), "150"),
    (checks.conv_450_to_90, dict(kernel=9), "TypeError"),
    (checks.conv_450_to_90, dict(kernel_size=500), "500"),
    (checks.insert_zeros, zeros_at_the_end, "gaps"),
    (checks.insert_zeros, lambda z, s: [1, 0, 2, 0, 3], "list"),
    (checks.output_padding_for_451, 0, "450"),
    (checks.output_padding_for_451, 5, "output_padding=5"),
    (checks.output_padding_for_451, True, "whole number"),
    (checks.gains, lambda kernel, s: [len(kernel[r::s]) for r in range(s)], "remainder"),
    (checks.gains, lambda kernel, s: [sum(kernel)], "gains"),
    (checks.from_1_to_450, [dict(kernel_size=450, stride=450)], "25 are allowed"),
    (checks.from_1_to_450, [dict(kernel_size=18), dict(kernel_size=9, stride=5)], "multiple"),
    (checks.from_1_to_450, [], "450"),
    (checks.transposed_weights, 57600, "bias"),
    (checks.transposed_weights, 3600, "every pair"),
    (checks.transposed_weights, 3616, "every pair"),
    (checks.transposed_weights, "57616", "whole number"),
    (checks.transposed_weights, 59171, "too many"),
    (checks.best_with_period, lambda x, period: x, "repeat"),
    (checks.best_with_period, lambda x, period: 0 * x, "possible"),
    (checks.best_with_period, lambda x, period: x[:, :period], "shape"),
    (checks.error_by_class, lambda x_hat, x, y: [4.67], "two classes"),
    (checks.error_by_class, lambda x_hat, x, y: [9.0, 2.5], "class 0"),
    (checks.mu_of_8_nats, 8, "32 nats"),
    (checks.mu_of_8_nats, -4, "positive"),
    (checks.beta_of_sums, 1.0, "stands before the KL"),
    (checks.beta_of_sums, 400, "with the sums"),
    (checks.beta_of_sums, torch.tensor(0.005), "beta = 0.005"),
    (checks.beta_of_sums, "1 / 400", "ValueError"),
    (checks.log_density, lambda x_recon, x, s2: log_density(x_recon, x, 1.0), "s2 = 0.25"),
    (checks.log_density, lambda x_recon, x, s2: -((x - x_recon) ** 2).sum() / 2 / s2, "shape"),
    (
        checks.log_density,
        lambda x_recon, x, s2: -((x - x_recon) ** 2).sum(dim=(1, 2)) / 2 / s2,
        "for every other: what does not depend on x",
    ),
    (
        checks.log_density,
        lambda x_recon, x, s2: log_density(x_recon, x, s2) + 6 / 2 * np.log(2 * np.pi * s2),
        "number of samples",
    ),
    (checks.log_density, lambda x_recon, x, s2: 0 * x.sum(dim=(1, 2)), "first beat\n"),
    (checks.beats_pca, Echo(2), train.x, test.x, "four"),
    (checks.beats_pca, Echo(4, scale=0.5), train.x, test.x, "0.0045"),
    (checks.likeliest_beta, lambda r, x: likeliest_beta(r, x) / 2, "0.5 times the error"),
    (checks.likeliest_beta, lambda r, x: likeliest_beta(r, x) * 450 / 2, "225 times the error"),
    (checks.likeliest_beta, lambda r, x: ((r - x) ** 2).mean(), "which beta stands for it"),
    (checks.likeliest_beta, lambda r, x: likeliest_beta(r, x) * x.shape[-1], "not a sum"),
    (checks.likeliest_beta, lambda r, x: 5 * likeliest_beta(r, x), "over the beats"),
    (checks.likeliest_beta, lambda r, x: likeliest_beta(r, x) - 1, "above 0"),
    (checks.likeliest_beta, lambda r, x: (r - x) ** 2, "scalar"),
    (checks.posterior_mean, lambda a, p: posterior_mean(a, p).flip(1), "swapped"),
    (checks.posterior_mean, lambda a, p: posterior_mean(a, p)[0], "a point per beat"),
    (checks.posterior_mean, without_logarithms, "normalise the logarithms"),
    (checks.posterior_mean, unnormalised, "add up to 1"),
    (checks.posterior_mean, largest_density, "density is largest"),
    (checks.posterior_mean, lambda a, p: 0 * posterior_mean(a, p), "weigh every grid point"),
    (checks.bound_from, lambda w: w.exp().mean(dim=0).log(), "too small for a float"),
    (checks.bound_from, lambda w: w.logsumexp(dim=0), "off by 1.386"),
    (checks.bound_from, lambda w: w.mean(dim=0), "off by"),
    (checks.bound_from, lambda w: (w.logsumexp(dim=0) - np.log(len(w)))[[0, 0, 0]], "off by"),
    (checks.bound_from, lambda w: w.logsumexp(dim=0).where(w[0] < 0, np.nan), "nan"),
    (checks.bound_from, lambda w: w.logsumexp(dim=1), "not (3,)"),
    (checks.two_active, 0.005, "3 are used"),
    (checks.two_active, 0.15, "1 are used"),
    (checks.two_active, 0.0, "above 0"),
    (checks.two_active, 7, "0 are used"),
    (checks.negative_t, (0.0, 0.0), Tilt(), "0.25 mV"),
    (checks.negative_t, (4.0, 0.0), Tilt(), "3 are allowed"),
    (checks.negative_t, (np.nan, 0.0), Tilt(), "3 are allowed"),
    (checks.negative_t, 1.5, Tilt(), "no point"),
    (checks.circle_walk, lambda m, r, n: circle_walk(m, 1, n), Tilt(), "angle"),
    (checks.circle_walk, lambda m, r, n: circle_walk(m, -r, n), Tilt(), "angle"),
    (checks.circle_walk, lambda m, r, n: circle_walk(m, r, n + 1), Tilt(), "shape"),
    (checks.turning_point, lambda x, ms: 0, "beat 3"),
    (checks.turning_point, lambda x, ms: int((x.min(axis=1) < 0).argmax()), "beat 3"),
    (checks.turning_point, lambda x, ms: turning_point(x, ms) or 0, "not None"),
    (checks.turning_point, lambda x, ms: int((x[:, 320] < 0).argmax()), "beat 3"),
    (checks.cheat, lambda x, n: x[:n], *BEATS, "too good"),
    (checks.cheat, lambda x, n: x[:n] + 5, *BEATS, "100% of your"),
    (checks.cheat, lambda x, n: x[: n - 1], *BEATS, "shape"),
    (checks.cheat, lambda x, n: np.nan * x[:n], *BEATS, "NaN"),
    (checks.fewest_bits, 5, *THIN, "rises by 14%: too few"),
    (checks.fewest_bits, 7, *THIN, "6 are enough too"),
    (checks.fewest_bits, 6.0, *THIN, "whole number"),
    (checks.fewest_bits, 0, *THIN, "from 1"),
    (checks.wiener_keeps, 0.2, "takes away"),
    (checks.wiener_keeps, 4, "cannot make a deviation larger"),
    (checks.wiener_keeps, 1.25, "not S + N by S"),
    (checks.wiener_keeps, 0.25, "noise over beats"),
    (checks.wiener_keeps, 0.75, "S - N"),
    (checks.wiener_keeps, 0.667, "standard deviations"),
    (checks.wiener_keeps, 1, "stayed"),
    (checks.wiener_keeps, 0.5, "not S / (S + N)"),
    (checks.snr_gain, lambda x, y, x_hat: snr_gain(x, x_hat, y), "wrong sign"),
    (checks.snr_gain, lambda *given: 2 * snr_gain(*given), "twice"),
    (checks.snr_gain, lambda *given: snr_gain(*given) / 10, "a tenth"),
    (checks.snr_gain, lambda *given: snr_gain(*given) * np.log(10), "natural logarithm"),
    (checks.snr_gain, lambda *given: 10 ** (snr_gain(*given) / 10), "ratio itself"),
    (
        checks.snr_gain,
        lambda x, y, x_hat: 10 * np.log10(abs(y - x).sum() / abs(x_hat - x).sum()),
        "forgot the squares",
    ),
    (
        checks.snr_gain,
        lambda x, y, x_hat: 10 * np.log10((y**2).sum() / (x_hat**2).sum()),
        "compare their errors",
    ),
    (checks.snr_gain, lambda x, y, x_hat: snr_gain(x, 0 * y, x_hat), "SNR after"),
    (
        checks.snr_gain,
        lambda x, y, x_hat: np.mean([snr_gain(*b) for b in zip(x, y, x_hat, strict=True)]),
        "single beats",
    ),
    (
        checks.snr_gain,
        lambda x, y, x_hat: [snr_gain(*b) for b in zip(x, y, x_hat, strict=True)],
        "one number",
    ),
    (checks.snr_gain, lambda x, y, x_hat: 3.0, "you give 3 dB"),
    (checks.threshold, lambda usual, share: np.quantile(usual, share), "lower tail"),
    (checks.threshold, lambda usual, share: np.percentile(usual, 100 - share), "no percentage"),
    (checks.threshold, lambda usual, share: np.percentile(usual, share), "no percentage"),
    (checks.threshold, lambda usual, share: np.quantile(usual, 1 - share / 2), "one tail"),
    (checks.threshold, lambda usual, share: usual.max(), "no usual beat rings"),
    (checks.threshold, lambda usual, share: (1 - share) * usual.max(), "largest score"),
    (checks.threshold, lambda usual, share: usual.mean() + 1.645 * usual.std(), "Gaussian"),
    (checks.threshold, lambda usual, share: np.quantile(usual, 0.95), "for a share of 0.2"),
    (checks.threshold, lambda usual, share: usual > 2, "one finite number"),
    (checks.true_alarms, 0.98, "stay silent"),
    (checks.true_alarms, 0.02, "how many beats"),
    (checks.true_alarms, 1.0, "are not unusual"),
    (checks.true_alarms, 0.001, "among those that ring"),
    (checks.true_alarms, 100 / 1998, "all alarms"),
    (checks.true_alarms, 1998 / 2098, "false alarms"),
    (checks.true_alarms, 4.77, "percent"),
    (checks.true_alarms, 0.3, "divided by all alarms"),
    (checks.to_millivolts, lambda adc, gain, zero: adc / gain, "just above 0 mV"),
    (checks.to_millivolts, lambda adc, gain, zero: adc / gain - zero, "take it for mV"),
    (checks.to_millivolts, lambda adc, gain, zero: (adc.astype(int) - zero) * gain, "one step"),
    (checks.to_millivolts, lambda adc, gain, zero: (adc.astype(int) - zero) / gain / 1000, "volts"),
    (checks.to_millivolts, lambda adc, gain, zero: (adc.astype(int) - zero) / 0.2, "microvolts"),
    (checks.to_millivolts, lambda adc, gain, zero: (zero - adc.astype(int)) / gain, "sign"),
    (checks.to_millivolts, lambda adc, gain, zero: (adc - zero) / gain, "unsigned"),
    (checks.to_millivolts, lambda adc, gain, zero: 0.0, "shape ()"),
    (checks.to_millivolts, lambda adc, gain, zero: adc / zero, "gain 200 and zero 1024"),
    (checks.detector_rates, lambda *given: rates(*given)[::-1], "swapped"),
    (checks.detector_rates, lambda *given: rates(*given)[0], "two numbers"),
    (checks.detector_rates, rates_of_any, "found twice"),
    (checks.detector_rates, lambda f, t, fs: rates(f, t, 250), "at 500 Hz"),
    (checks.detector_rates, lambda f, t, fs: rates(f, t, fs, 0.15), "at 100 Hz"),
    (checks.detector_rates, lambda f, t, fs: rates(f, t, fs, 0.05), "3 of 4"),
    (checks.detector_rates, lambda f, t, fs: rates(f[f >= 250], t, fs), "too early"),
    (checks.patient_folds, shuffled_folds, "a leak"),
    (checks.patient_folds, lambda p, k: [~mask for mask in patient_folds(p, k)], "to train on"),
    (checks.patient_folds, lambda p, k: patient_folds(p, k)[1:], "2 boolean masks"),
    (checks.patient_folds, lambda p, k: patient_folds(p, k)[:1] * k, "is tested 2 times"),
    (checks.patient_folds, lambda p, k: [p == name for name in "ABCDE"[:k]], "is tested 0 times"),
    (checks.patient_folds, lambda p, k: [p == "Z"] * k, "nobody to test on"),
    (checks.patient_folds, lambda p, k: [p != "Z"] * k, "nobody to train on"),
    (checks.relative_beta, lambda x, r: r * x.var(), "no variation"),
    (checks.relative_beta, lambda x, r: r * x.square().mean(), "nothing is subtracted"),
    (checks.relative_beta, lambda x, r: r * x.std(dim=0).mean(), "standard deviation"),
    (checks.relative_beta, lambda x, r: relative_beta(x, r) * x.shape[-1], "add up"),
    (checks.relative_beta, lambda x, r: relative_beta(x, r) * 2 / x.shape[-1], "notebook 6"),
    (checks.relative_beta, lambda x, r: r / relative_beta(x, 1), "divide"),
    (checks.relative_beta, lambda x, r: r, "is not 0.1"),
    (checks.bytes_on_disk, 90_000_000, "several bytes"),
    (checks.bytes_on_disk, 800_000, "one number per beat"),
    (checks.bytes_on_disk, 720_000_000, "float64"),
    (checks.bytes_on_disk, 2_880_000_000, "32 bits"),
    (checks.bytes_on_disk, 360, "megabytes"),
    (checks.bytes_on_disk, 1800, "one beat"),
    (checks.bytes_on_disk, 3.6e8, "not a whole number"),
    (checks.bytes_on_disk, 1_000_000, "5 for each beat"),
]


@pytest.mark.parametrize("check, answer, given", [(c, a, g) for c, a, *g in RIGHT])
def test_right_answers(check, answer, given, capsys):
    check(answer, *given)
    assert capsys.readouterr().out == "Right.\n"


@pytest.mark.parametrize("check, answer, given, why", [(c, a, g, w) for c, a, *g, w in WRONG])
def test_wrong_answers_are_told_why(check, answer, given, why, capsys):
    check(answer, *given)
    told = capsys.readouterr().out
    assert told.startswith("Not yet: ") and why in told


def unanswered():
    """Every check once with ... and None; those that ask for a function also with an empty one."""
    for check, answer, *given in {c.__name__: (c, *rest) for c, *rest in RIGHT}.values():
        asks_for_function = callable(answer) and not isinstance(answer, nn.Module)
        for nothing in (..., None, *[empty] * asks_for_function):
            yield pytest.param(
                check, nothing, given, id=f"{check.__name__}-{type(nothing).__name__}"
            )


@pytest.mark.parametrize("check, nothing, given", list(unanswered()))
def test_unanswered_exercises_are_no_mistakes(check, nothing, given, capsys):
    check(nothing, *given)
    assert capsys.readouterr().out.startswith("Not answered yet")


def test_every_check_is_tested():
    exercises = {name for name, f in vars(checks).items() if hasattr(f, "__wrapped__")}
    assert exercises == {c.__name__ for c, *_ in RIGHT} == {c.__name__ for c, *_ in WRONG}
