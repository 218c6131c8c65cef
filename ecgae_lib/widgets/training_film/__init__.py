"""A film of a training: the map and one beat's reconstruction, epoch by epoch."""

import numpy as np
import torch
import traitlets
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.expects import takes, whole
from ecgae_lib.widgets import maps, stills
from ecgae_lib.widgets.export import check_weights, compact
from ecgae_lib.widgets.thinning import MOST_SHOWN

FOLLOWED = 3  # beats of each class whose reconstructions are kept
MOST = 40  # snapshots kept
COMPONENTS = 4  # by which beats are thinned, as no map lasts for the whole film


class TrainingFilm(maps.MapWidget):
    """The latent map and one beat's reconstruction over the epochs, to scrub or to play.

        film = TrainingFilm(model, beats)
        fit(model, beats.x, on_epoch=film.add)

    A film shown before the training grows while it runs.  Its first picture is the model as given.
    model: with `encode` and `decode`, two latents; it is looked at in evaluation mode and left as
    it was.  beats: the Beats whose codes are shown; labels only colour the points.
    shown: indices of the beats on the map, of more than 3,000 those that `thinned` chooses by their
    first four principal components; all figures are of all beats.
    followed: indices of the beats whose reconstructions are kept, three of each class.
    most: how many snapshots are kept, so that a page stays small; of a longer training every
    second one, every fourth ... and always the last.
    epoch: the epoch shown; None follows the newest.  Between two snapshots the earlier one is
    shown; only while the film plays do the points glide from one to the next.
    picked: index of the followed beat looked at.  colours: whether the map shows the labels.
    epochs, errors, alike: of each snapshot its epoch, the mean squared error over all beats in
    their unit squared, and the share of beats whose nearest neighbour on the map has the same
    label.
    Raises ValueError for a model with other than two latents, with weights that are not finite, or
    for beats of another length; for `most` that makes no film.
    """

    script = "training_film.js"
    alt = "The map of a model in training, and one heartbeat with its reconstruction."

    _film = traitlets.Dict().tag(sync=True)
    epoch = traitlets.Int(None, allow_none=True).tag(sync=True)
    colours = traitlets.Bool(True).tag(sync=True)

    @takes(most=whole(2))
    def __init__(self, model, beats, *, most=MOST, **traits):
        maps.check_beats(beats)
        self.followed = spread_over_classes(beats)
        self._choose(beats, [components(beats.x)], self.followed)
        self._most, self._every = most, 1
        self._frames = [self._frame(model, 0)]
        super().__init__(
            _beats=maps.pack_beats(beats, self.followed)
            | about_all(beats, self.shown)
            | maps.pack_choice(self.shown, self._counts)
            | dict(followed=self.followed),
            _film=self._join(),
            **(dict(picked=self.followed[0]) | traits),
        )

    def add(self, model):
        """One more epoch is over: keep a snapshot.  The `on_epoch` of `fit`."""
        frames = self._frames
        frame = self._frame(model, frames[-1]["epoch"] + 1)
        if frames[-1]["epoch"] % self._every:
            frames = frames[:-1]  # it was kept as the last one only
        self._frames = [*frames, frame]
        if len(self._frames) > self._most:
            self._every *= 2
            *most, last = self._frames
            self._frames = [f for f in most if f["epoch"] % self._every == 0] + [last]
        self._film = self._join()

    def _frame(self, model, epoch):
        """What the page shows of the model as it is now."""
        copied, beats = maps.snapshot(model), self._all
        check_weights(copied)
        codes, spread = maps.encode(copied, beats)
        parts = torch.from_numpy(codes).split(64)  # the lecture's decoder needs much memory
        x_hat = torch.cat([copied.decode(z) for z in parts])
        return dict(
            epoch=epoch,
            codes=codes[self.shown],
            spread=None if spread is None else spread[self.shown],
            extent=maps.extent(codes, spread is not None),
            error=float(((x_hat - beats.x) ** 2).mean()),
            alike=share_alike(codes, beats.y),
            drawn=x_hat[self.followed, 0].numpy(),
        )

    def _join(self):
        """The trait `_film`: all snapshots, one after the other; and the lists that readers see."""
        frames = self._frames
        self.epochs, self.errors, self.alike = (
            [f[name] for f in frames] for name in ("epoch", "error", "alike")
        )
        codes, spread, drawn, ranges = (
            np.array([f[name] for f in frames]) for name in ("codes", "spread", "drawn", "extent")
        )
        return dict(
            epochs=self.epochs,
            errors=self.errors,
            alike=self.alike,
            codes=compact(codes),
            spread=None if frames[0]["spread"] is None else compact(spread),
            drawn=maps.pack_rows(drawn.reshape(-1, drawn.shape[-1]), maps.precision(self._all)),
            extent=np.stack([ranges[..., 0].min(0), ranges[..., 1].max(0)], axis=1).tolist(),
        )

    def still(self):
        fig, [[left, right]] = stills.figure(2)
        last = self._frames[-1]["epoch"] if self.epoch is None else self.epoch
        frame = max((f for f in self._frames if f["epoch"] <= last), key=lambda f: f["epoch"])
        title, extent = f"Latent map, epoch {frame['epoch']}", self._film["extent"]
        here = frame["codes"][self._place(self.picked)]
        stills.draw_map(left, frame["codes"], extent, self._all[self.shown], [here], title)
        x_hat = frame["drawn"][self.followed.index(self.picked)]
        lines = {"reconstruction": x_hat, "beat": self._all.x[self.picked, 0]}
        stills.draw_beat(right, self._all, lines, f"Beat {self.picked}")
        return fig

    def summary(self):
        last = self._frames[-1]["epoch"]
        return f"{len(self._all)} beats, epochs 0 to {last}, beat {self.picked}"

    @traitlets.validate("epoch")
    def _existing_epoch(self, proposal):
        last, epoch = self._frames[-1]["epoch"], proposal.value
        if epoch is not None and not 0 <= epoch <= last:
            raise traitlets.TraitError(f"epoch={epoch}: expected None or 0 to {last}")
        return epoch

    @traitlets.validate("picked")
    def _existing_beat(self, proposal):
        if proposal.value not in self.followed:
            raise traitlets.TraitError(
                f"picked={proposal.value}: the film follows the beats {self.followed}"
            )
        return proposal.value


def spread_over_classes(beats):
    """Three beats of each class, spread evenly over the time, in the order of time."""
    y = np.zeros(len(beats)) if beats.y is None else beats.y.numpy()
    groups = [np.flatnonzero(y == label) for label in np.unique(y)]
    places = (np.arange(FOLLOWED) + 0.5) / FOLLOWED
    return sorted({int(g[int(p * len(g))]) for g in groups for p in places})


def components(x):
    """The beats (N, 1, L) as principal components (N, D), where there are too many for a map."""
    if len(x) <= MOST_SHOWN:
        return x[:, 0]
    return PCA(min(COMPONENTS, x.shape[-1]), svd_solver="covariance_eigh").fit_transform(x[:, 0])


def about_all(beats, shown):
    """What the page knows of others than the followed beats: labels, the error of the mean beat."""
    x = beats.x.double()
    error = float(((x - x.mean(dim=0)) ** 2).mean())
    return dict(labels=maps.pack_labels(beats, shown), mean_error=error)


def share_alike(codes, y):
    """The share of beats whose nearest neighbour on the map has the same label, or None."""
    if y is None:
        return None
    _, neighbours = NearestNeighbors(n_neighbors=1).fit(codes).kneighbors()  # never itself
    return float((y.numpy()[neighbours[:, 0]] == y.numpy()).mean())
