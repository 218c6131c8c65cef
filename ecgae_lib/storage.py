"""Files that are written whole or not at all, and a model as one of them."""

import inspect
import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import torch

from ecgae_lib.expects import PATH
from ecgae_lib.models import VAE, Autoencoder, LectureAutoencoder, LectureVAE

KINDS = {kind.__name__: kind for kind in (Autoencoder, VAE, LectureAutoencoder, LectureVAE)}


def save(model, path):
    """Write a model, its weights and what its class was called with, to one file.

    model: an Autoencoder, VAE, LectureAutoencoder or LectureVAE, on any device.
    The file is written whole or not at all: a failing write leaves an old file as it was.
    Returns the path.  Raises TypeError for another model, OSError where nothing can be written.
    """
    if type(model) not in KINDS.values():
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        raise TypeError(f"model is a {kind}: expected one of ecgae_lib.models, {', '.join(KINDS)}")
    weights = {name: weight.cpu() for name, weight in model.state_dict().items()}
    contents, file = dict(kind=type(model).__name__, settings=settings(model)), io.BytesIO()
    torch.save(contents | dict(weights=weights), file)
    return write_whole(path, file.getvalue())


def load(path):
    """The model that `save` wrote, on the CPU, ready for use (in eval mode).

    Nothing in the file is run, whoever wrote it (`torch.load` with weights_only=True).
    Raises ValueError for a file that is damaged or not of `save`, FileNotFoundError for none.
    """
    with open(PATH("path", path), "rb") as file:
        try:
            return rebuild(**contents_of(file))
        except Exception:  # what zipfile, pickle and torch raise for nonsense has no end
            raise ValueError(
                f"{path} is damaged or holds something else: expected a file that storage.save "
                f"wrote of one of {', '.join(KINDS)}; save the model again"
            ) from None  # torch's own advice is to trust the file


def settings(model):
    """What the class was called with, read off the model: {"signal_length": 450, ...}."""
    latents = model.fc_mu if hasattr(model, "fc_mu") else model.bottleneck
    found = dict(latent_dim=latents.out_features, copies=getattr(model, "copies", None))
    found["signal_length"] = getattr(model, "signal_length", 0) or model.mean_beat.shape[-1]
    return {name: found[name] for name in inspect.signature(type(model)).parameters}


def contents_of(file):
    """What torch reads from an open file, once all its parts are files with right checksums."""
    if (archive := ZipFile(file)).testzip() or any(p.external_attr for p in archive.infolist()):
        raise ValueError("torch compares no checksum, and gives noise for what is no plain file")
    file.seek(0)
    return torch.load(file, map_location="cpu", weights_only=True)


def rebuild(kind, settings, weights):
    """The model of that kind with these weights.  Raises whatever comes, if they do not fit."""
    if any(type(value) is not int for value in settings.values()):
        raise TypeError("a setting is not a whole number")
    with torch.device("meta"):  # takes no memory, whatever the settings ask for
        model = KINDS[kind](**settings)
    model.to(next(iter(weights.values())).dtype)
    if form(model.state_dict()) != form(weights):
        raise ValueError("the weights are not those of the model")
    model.load_state_dict(weights, assign=True)
    return model.eval()


def form(weights):
    """What the weights of two equal models have in common, by name."""
    return {name: (w.shape, w.dtype, w.is_contiguous()) for name, w in weights.items()}


def write_whole(path, data):
    """Write bytes to a file beside `path` first, and then put it in its place in one step.

    Returns the path.  Raises OSError, and leaves what was there, where not all can be written.
    """
    path = Path(PATH("path", path))
    with TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
        part = Path(folder) / "part"
        part.write_bytes(data)
        os.replace(part, path)
    return path
