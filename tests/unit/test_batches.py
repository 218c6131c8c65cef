"""Training on more than fits into memory: what is read, when, and what is refused."""

import weakref

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, IterableDataset, Subset
from torch.utils.data import TensorDataset as Tensors

from ecgae_lib import batches
from ecgae_lib.batches import SAMPLE
from ecgae_lib.generator import synthetic
from ecgae_lib.losses import reconstruction_loss
from ecgae_lib.models import Autoencoder, LectureAutoencoder
from ecgae_lib.training import fit
from tests.unit.trained import new_model, noisy_loss, same, weights

X = synthetic(40, signal_length=50)[0].x
SHORT = dict(epochs=2, batch_size=16)


class Items(Dataset):
    """Items by a function of their number; counts what is read, and what is held at a time."""

    def __init__(self, n, item):
        self.n, self.item, self.reads, self.held, self.most = n, item, 0, 0, 0

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if not 0 <= i < self.n:
            raise IndexError(i)
        x = self.item(i)
        self.reads, self.held = self.reads + 1, self.held + 1
        self.most = max(self.most, self.held)
        if isinstance(x, torch.Tensor):
            weakref.finalize(x, self.let_go)
        return x

    def let_go(self):
        self.held -= 1


def trained(data, loss=reconstruction_loss, **settings):
    model = new_model()
    history = fit(model, data, loss, **(SHORT | settings))
    return weights(model), history["loss"]


# the same beats from elsewhere


def mapped(folder):
    """A memory-mapped file, read only, as a Dataset of arrays."""
    np.save(folder / "x.npy", X.numpy())
    x = np.load(folder / "x.npy", mmap_mode="r")
    return Items(len(x), lambda i: x[i])


def mapped_by_torch(folder):
    X.numpy().tofile(folder / "x.f32")
    return Tensors(torch.from_file(str(folder / "x.f32"), size=X.numel()).view(X.shape))


SOURCES = {
    "tensors": lambda _: Tensors(X),
    "tuples": lambda _: Tensors(X, torch.arange(40)),
    "lists": lambda _: Items(40, lambda i: [X[i], "a label"]),
    "a part": lambda _: Subset(Tensors(torch.cat([X[:5], X])), range(5, 45)),
    "a mapped file": mapped,
    "torch's mapped file": mapped_by_torch,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.filterwarnings("error")
def test_a_dataset_trains_as_the_tensor_does_bit_for_bit(source, tmp_path):
    """With a loss that draws random numbers, too."""
    data = SOURCES[source](tmp_path)
    (ours, losses), (theirs, expected) = (trained(d, noisy_loss) for d in (data, X))
    assert same(ours, theirs) and losses == expected


def test_a_loader_keeps_its_own_batches_and_order():
    seen = []

    def loss(model, x):
        seen.append(x)
        return reconstruction_loss(model, x)

    trained(DataLoader(Tensors(X, torch.arange(40)), batch_size=7), loss, batch_size=16)
    assert [len(x) for x in seen] == [7, 7, 7, 7, 7, 5] * 2
    assert torch.equal(torch.cat(seen), torch.cat([X, X]))


def test_the_seed_fixes_the_order_of_a_loader_and_the_reader_s_own_random_stream_goes_on():
    data = DataLoader(Tensors(X), 16, shuffle=True)
    (a, first), (b, second), (c, _) = (trained(data, seed=seed) for seed in (4, 4, 5))
    assert same(a, b) and first == second and not same(a, c)
    model = new_model()
    before = torch.random.get_rng_state()
    fit(model, data, **SHORT)
    assert torch.equal(torch.random.get_rng_state(), before)


# how much is read


def test_nothing_is_read_before_it_is_needed():
    class Enough(Exception):
        pass

    def loss(model, x, steps=iter(range(99))):  # noqa: B008
        if next(steps) == 3:
            raise Enough
        return reconstruction_loss(model, x)

    data = Items(10**6, lambda i: X[i % 40].clone())
    with pytest.raises(Enough):
        fit(new_model(), data, loss, batch_size=8)
    assert data.reads == 1 + SAMPLE + 4 * 8


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: DataLoader(data, 256, True)])
def test_what_is_held_does_not_grow_with_the_data(wrap, monkeypatch):
    monkeypatch.setattr(batches, "SAMPLE", 512)
    data = Items(2048, lambda i: X[i % 40].clone())
    fit(new_model(), wrap(data), epochs=1, batch_size=256)
    assert 2048 + 512 <= data.reads <= 2048 + 512 + 256 and data.most <= 512 + 1
    data.most = data.held
    fit(new_model(LectureAutoencoder), wrap(Subset(data, range(1024))), epochs=1, batch_size=256)
    assert data.most <= 256 + 1


def stop(model, x):
    """A loss that ends the training before its first step."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: DataLoader(data, 64, True)])
def test_the_start_is_the_mean_beat_and_scale_of_a_fair_sample(wrap):
    """Beats sorted by a level from -1 to 1: their mean is 3, their scale that of the level."""
    n = 3 * SAMPLE
    level = torch.linspace(-1, 1, n).view(n, 1, 1).expand(n, 1, 50)
    model = Autoencoder(50)
    fit(model, wrap(Tensors(3 + level)), stop)
    exact = level[:, 0, 0].std()
    assert torch.all((model.mean_beat - 3).abs() < 5 * exact / SAMPLE**0.5)
    assert model.scale.item() == pytest.approx(exact.item(), rel=5 / SAMPLE**0.5)


def test_the_sample_depends_on_the_seed_alone():
    data, starts = Items(2 * SAMPLE, lambda i: X[i % 40] * i), []
    for reader, seed in [(1, 4), (2, 4), (2, 5)]:
        model = new_model()
        torch.manual_seed(reader)
        fit(model, data, stop, seed=seed)
        starts.append(model.mean_beat)
    assert torch.equal(starts[0], starts[1]) and not torch.equal(starts[0], starts[2])


# what is refused


def broken(value, at=17):
    return Items(40, lambda i: value if i == at else X[i])


NAN = X[3].clone()
NAN[0, 7] = torch.nan
BAD_ITEMS = [
    (NAN, ValueError, "item 17 holds NaN or infinity"),
    (NAN.nan_to_num(torch.inf), ValueError, "item 17 holds NaN or infinity"),
    (X[0, :, :49], ValueError, r"item 17 has shape \(1, 49\): expected .*\(1, 50\)"),
    (X[0, 0], ValueError, r"item 17 has shape \(50,\): expected .*\(1, 50\)"),
    (X[:2], ValueError, r"item 17 has shape \(2, 1, 50\): expected .*\(1, 50\)"),
    (X[0].long(), TypeError, "item 17 is torch.int64: expected a float"),
    ("beat", TypeError, "item 17 is str: expected x"),
    (dict(x=X[0]), TypeError, "item 17 is dict: expected x"),
    ((), TypeError, "item 17 is tuple: expected x"),
    (None, TypeError, "item 17 is NoneType: expected x"),
]


@pytest.mark.parametrize(("value", "error", "message"), BAD_ITEMS)
@pytest.mark.parametrize("kind", [Autoencoder, LectureAutoencoder])
def test_a_bad_item_stops_before_the_step(kind, value, error, message):
    model, seen = new_model(kind), []
    before = weights(model)

    def loss(model, x):
        seen.append(weights(model))
        return reconstruction_loss(model, x)

    with pytest.raises(error, match=message) as raised:
        fit(model, broken(value), loss, batch_size=4)
    assert len(seen) < 10 and {w.device.type for w in model.parameters()} == {"cpu"}
    if kind is Autoencoder:  # met by the sample
        assert same(weights(model), before)
    else:
        assert not model.training and list(raised.value.history) == []


@pytest.mark.parametrize("value", [NAN, X[0].long()])
def test_a_bad_beat_in_a_loader_stops_before_the_step(value):
    loader = DataLoader(broken(value, at=30), batch_size=1)
    model = new_model(LectureAutoencoder)
    with pytest.raises((ValueError, TypeError), match=r"NaN or infinity|a batch is torch\.int64"):
        fit(model, loader, epochs=1)
    assert all(torch.isfinite(weight).all() for weight in weights(model))


class Stream(IterableDataset):
    def __iter__(self):
        return iter(X)


class NoLength(Dataset):
    def __getitem__(self, i):
        return X[i]


REFUSED = [
    (Tensors(X[:0]), ValueError, "TensorDataset is empty"),
    (DataLoader(Tensors(X), 64, drop_last=True), ValueError, "DataLoader is empty: .*one batch"),
    (Stream(), TypeError, "Stream has no length"),
    (DataLoader(Stream()), TypeError, "DataLoader has no length"),
    (NoLength(), TypeError, "NoLength has no length"),
    (DataLoader(NoLength()), TypeError, "DataLoader has no length"),
    (broken(X[0, 0], at=0), ValueError, r"item 0 has shape \(50,\): expected .*\(1, L\)"),
    (
        DataLoader(Tensors(X), sampler=DistributedSampler(Tensors(X), 2, 0)),
        ValueError,
        "a DistributedSampler: leave it out",
    ),
    ([*X], TypeError, "x is list: .*float tensor"),
]


@pytest.mark.parametrize(("data", "error", "message"), REFUSED)
def test_what_cannot_be_batched_is_refused_at_once(data, error, message):
    model = new_model()
    before = weights(model)
    with pytest.raises(error, match=message):
        fit(model, data)
    assert same(weights(model), before) and model.training


# where


def available(device):
    try:
        return torch.zeros(1, device=device).item() == 0
    except Exception:
        return False


@pytest.mark.parametrize(
    "device", [0, "cuda", "cuda:0", "mps", "cuda:99", "meta", "gpu", "", -1, 1.5, [0]]
)
def test_a_device_by_name_or_number_or_refused_before_anything_moves(device):
    model = new_model()
    before = weights(model)
    if available(device):
        cpu = trained(X)[1]
        assert fit(model, X, device=device, **SHORT)["loss"] == pytest.approx(cpu, rel=1e-2)
        assert {w.device.type for w in model.parameters()} == {"cpu"}
        return
    with pytest.raises(ValueError, match="is not to be had here") as error:
        fit(model, X, device=device)
    assert f"device={device!r}" in str(error.value)
    assert same(weights(model), before) and model.training
