"""A model as a file: it comes back the same, or not at all, and nothing in the file is run."""

import os
import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE
from ecgae_lib.storage import load, save, write_whole
from ecgae_lib.training import fit
from ecgae_lib.widgets import KLExplorer
from tests.unit.damage import damaged

REFUSED = "is damaged or holds something else: expected a file that storage.save wrote of one of"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def made(kind, L, d, copies):
    """A model of any of the kinds, every weight and buffer drawn at random."""
    torch.manual_seed(L)
    given = {"VAE": (L, d), "Autoencoder": (L, d), "LectureVAE": (L, d, copies)}
    model = kind(*given.get(kind.__name__, (L, copies)))
    for weight in model.parameters():
        weight.data.normal_(0, 0.1)
    for value in model.buffers():
        value.random_(1, 9) if value.dtype == torch.int64 else value.uniform_(0.5, 1)
    return model


def outputs(model, x):
    """Everything that a model in eval mode computes, with its random numbers fixed."""
    torch.manual_seed(0)
    with torch.no_grad():
        drawn = model.eval()(x)
    assert all(torch.isfinite(values).all() for values in drawn)
    return drawn


def same(a, b, x):
    """Whether two models are of one class and agree bit for bit, inside and in what they draw."""
    states = [model.state_dict() for model in (a, b)]
    return (
        type(a) is type(b)
        and states[0].keys() == states[1].keys()
        and all(torch.equal(v, states[1][n]) and v.dtype == states[1][n].dtype
                for n, v in states[0].items())
        and all(map(torch.equal, outputs(a, x), outputs(b, x)))
    )  # fmt: skip


@settings(max_examples=25)
@given(
    kind=st.sampled_from([Autoencoder, VAE, LectureAutoencoder, LectureVAE]),
    L=st.integers(25, 300),
    d=st.integers(1, 9),
    copies=st.sampled_from([None, 3, 4]),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_a_model_comes_back_bit_for_bit(folder, kind, L, d, copies, dtype):
    model = made(kind, L, d, copies).to(dtype)
    model.train()
    before = torch.random.get_rng_state()
    back = load(save(model, folder / "model.pt"))
    assert torch.equal(torch.random.get_rng_state(), before) and model.training
    assert not any(layer.training for layer in back.modules())
    assert all(w.requires_grad and w.is_leaf and w.device.type == "cpu" for w in back.parameters())
    assert getattr(back, "copies", None) == getattr(model, "copies", None)
    assert same(back, model, torch.randn(3, 1, L, dtype=dtype))


def test_a_trained_model_goes_on_where_it_was(folder):
    x, model = synthetic(40, signal_length=50)[0].x, Autoencoder(50)
    fit(model, x, epochs=2)
    back = load(save(model, str(folder / "trained.pt")))
    assert torch.equal(back.mean_beat, model.mean_beat) and back.mean_beat.any()
    assert torch.equal(back.scale, model.scale)
    losses = [fit(m, x, epochs=2)["loss"] for m in (model, back)]
    assert losses[0] == losses[1] and same(model, back, x)


class Autoencoder2(Autoencoder):
    """As a reader writes one."""


@pytest.mark.parametrize("model", [nn.Linear(2, 2), Autoencoder2(50), {}, Autoencoder])
def test_what_cannot_be_read_again_is_not_written(model, tmp_path):
    with pytest.raises(TypeError, match=r"model is a \S+: expected one of ecgae_lib.models, Auto"):
        save(model, tmp_path / "model.pt")
    assert list(tmp_path.iterdir()) == []


# files that are not of `save`, or not whole


@pytest.mark.parametrize("kind", [Autoencoder, VAE, LectureAutoencoder, LectureVAE])
def test_a_damaged_file_is_refused(kind, tmp_path):
    model, path, x = made(kind, 50, 2, 3), tmp_path / "model.pt", torch.randn(3, 1, 50)
    data, refused = save(model, path).read_bytes(), 0
    for seed in range(100):
        path.write_bytes(damaged(data, seed))
        try:
            assert same(load(path), model, x), "another model came back"
        except ValueError as error:
            assert re.search(REFUSED, str(error)) and str(path) in str(error)
            refused += 1
    assert refused > 75  # the rest turned bytes that nobody reads, like a date


def test_every_bit_of_the_weights_is_watched(tmp_path):
    """torch.load alone takes a file with a wrong weight."""
    path = tmp_path / "model.pt"
    save(made(Autoencoder, 50, 2, None), path)
    with zipfile.ZipFile(path) as archive:
        parts = [info for info in archive.infolist() if "/data/" in info.filename]
    whole = path.read_bytes()
    for info in parts:
        at = (
            info.header_offset + 30 + int.from_bytes(whole[info.header_offset + 28 :][:2], "little")
        )
        at += len(info.filename)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        torch.load(path, weights_only=True)
        with pytest.raises(ValueError, match=REFUSED):
            load(path)
    assert len(parts) > 10


class Malicious:
    """A pickle that makes a folder when it is read."""

    def __init__(self, made):
        self.made = str(made)

    def __reduce__(self):
        return os.mkdir, (self.made,)


CONTENTS = dict(kind="VAE", settings=dict(signal_length=50, latent_dim=2))


def contents(**changes):
    """What `save` gives to torch, changed."""
    return CONTENTS | dict(weights=VAE(50).state_dict()) | changes


FOREIGN = {
    "nothing": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("beats"),
    "numbers": lambda path: np.savez(path.open("wb"), x=np.ones(3)),
    "an empty archive": lambda path: zipfile.ZipFile(path, "w").close(),
    "weights alone": lambda path: torch.save(VAE(50).state_dict(), path),
    "a whole model": lambda path: torch.save(VAE(50), path),
    "a tensor": lambda path: torch.save(torch.ones(3), path),
    "an old format": lambda path: torch.save(
        contents(), path, _use_new_zipfile_serialization=False
    ),
    "a program": lambda path: torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path),
    **{
        f"{changes}": lambda path, changes=changes: torch.save(contents(**changes), path)
        for changes in [
            dict(kind="Linear"), dict(kind="Autoencoder"), dict(kind=["VAE"]), dict(more=1),
            dict(settings={}), dict(settings=None), dict(settings=dict(signal_length=50, copies=2)),
            *[dict(settings=dict(signal_length=L, latent_dim=2))
              for L in (51, 24, 0, -50, 10**12, 50.0, "50", True, None)],
            *[dict(settings=dict(signal_length=50, latent_dim=d)) for d in (0, 3, -2, 10**12)],
            *[dict(weights=w) for w in ({}, None, [1], dict(x=torch.ones(2)), VAE(51).state_dict(),
                                        Autoencoder(50).state_dict(), {"fc_mu.weight": 3})],
            dict(weights={n: w.long() for n, w in VAE(50).state_dict().items()}),
            dict(weights=VAE(50).state_dict() | dict(scale=torch.ones(1).double())),
            dict(weights=VAE(50).state_dict() | dict(scale=torch.ones(1).to_sparse())),
            dict(kind="LectureAutoencoder", settings=dict(signal_length=50, copies=2.0),
                 weights=LectureAutoencoder(50, 2).state_dict()),
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.filterwarnings("ignore")  # of torch, where a test writes what one should not
def test_a_file_of_something_else_is_refused(name, tmp_path):
    path = tmp_path / "model.pt"
    FOREIGN[name](path)
    with pytest.raises(ValueError, match=REFUSED) as error:
        load(path)
    assert "trust" not in str(error.value) and error.value.__suppress_context__


def test_nothing_in_a_file_is_run(tmp_path):
    path, made = tmp_path / "model.pt", tmp_path / "made"
    bad = Malicious(made)
    for write in (
        lambda: path.write_bytes(pickle.dumps(bad)),
        lambda: torch.save(bad, path),
        lambda: torch.save(contents(settings=bad), path),
        lambda: torch.save(contents(more=bad), path),
    ):
        write()
        with pytest.raises(ValueError, match=REFUSED):
            load(path)
    assert not made.exists()
    pickle.loads(pickle.dumps(bad))
    assert made.exists()  # so the trap works


def test_no_file_and_no_folder_are_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        load(tmp_path / "none.pt")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        save(VAE(50), tmp_path / "nowhere" / "model.pt")
    assert list(tmp_path.iterdir()) == []


# whole or not at all


def full_disk(monkeypatch):
    def write_bytes(path, data):
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


def interrupted(monkeypatch):
    def replace(*paths):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("old", [None, b"what was there"])
@pytest.mark.parametrize("failure", [full_disk, interrupted])
@pytest.mark.parametrize("write", [lambda path: save(VAE(50), path), KLExplorer().save_html])
def test_a_failing_write_leaves_what_was_there(write, failure, old, tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    if old is not None:
        path.write_bytes(old)
    failure(monkeypatch)
    with pytest.raises((OSError, KeyboardInterrupt)):
        write(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == (
        {} if old is None else {"model.pt": old}
    )


def test_a_written_file_is_like_any_other(tmp_path):
    written, plain = write_whole(tmp_path / "a", b"1"), tmp_path / "b"
    plain.write_bytes(b"1")
    assert written.read_bytes() == b"1" and written.stat().st_mode == plain.stat().st_mode
    assert write_whole(str(written), b"2").read_bytes() == b"2"
    assert {file.name for file in tmp_path.iterdir()} == {"a", "b"}
