"""One slider over VAEs trained with different beta: what each nat buys."""

import numpy as np
import torch
import traitlets

from ecgae_lib.expects import instance, real, takes, whole
from ecgae_lib.losses import kl_to_standard_normal
from ecgae_lib.widgets import maps, stills
from ecgae_lib.widgets.base import Valued
from ecgae_lib.widgets.export import compact, export_decoder

MOST_DRAWS, ENOUGH = 8, 4096  # of z for each beat and for all, for the distortion
GENERATED = 12  # beats drawn from the prior


class BetaExplorer(maps.MapWidget, Valued):
    """Map, one beat's reconstruction and generated beats of the VAE that a slider chooses.

        BetaExplorer({beta: model, ...}, beats)

    sweep: two or more VAEs by their beta, two latents each; the slider runs from the largest beta
    to the smallest.  beats: the Beats to encode.  Both are copied.
    beta: the one shown; set it and the slider moves.  picked: index of the beat looked at.
    generated: (12, 2), the z from N(0, 1) whose beats are drawn, the same for every beta; `seed`
    chooses them.
    rates: {beta: KL in nats per beat}; distortions: {beta: mean squared error in the beats' unit
    squared, with z drawn from q(z|x) as in training}.  The reconstruction in the picture is that
    of mu.
    Raises TypeError for what is no sweep of VAEs, ValueError for fewer than two, a beta that is no
    finite number of at least 0, other than two latents, weights that are not finite, or beats of
    another length.
    """

    script, valued = "beta_explorer.js", "beta"
    alt = "The map of one of several VAEs, and one heartbeat with its reconstruction."

    _sweep = traitlets.Dict().tag(sync=True)
    beta = traitlets.Float().tag(sync=True)

    @takes(seed=whole(0))
    def __init__(self, sweep, beats, *, seed=0, **traits):
        maps.check_beats(beats)
        check_sweep(sweep)
        betas = sorted((float(beta) for beta in sweep), reverse=True)
        self.betas = betas
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.generated = torch.randn(GENERATED, 2).numpy()
            self._snapshots = {beta: maps.snapshot(sweep[beta]) for beta in betas}
            shown = [describe(self._snapshots[beta], beats) for beta in betas]
        places = [maps.on_picture(s["codes"], s["spread"]) for s in shown]
        self._choose(beats, places, traits.get("picked", 0))
        self.rates, self.distortions = (
            {beta: s[name] for beta, s in zip(betas, shown, strict=True)}
            for name in ("rate", "distortion")
        )
        half = max(s.pop("reach") for s in shown)
        super().__init__(
            _sweep=dict(
                betas=betas,
                models=[pack_model(s, self.shown) for s in shown],
                extent=[[-half, half]] * 2,
                generated=self.generated.tolist(),
            ),
            _beats=self._beats_shown(),
            **(dict(beta=betas[len(betas) // 2]) | traits),
        )

    def still(self):
        fig, [[left, right]] = stills.figure(2)
        model, beats = self._snapshots[self.beta], self._all[self.shown]
        codes, _ = maps.encode(model, beats)
        title = f"Latent map, beta = {self.beta:g}"
        here = codes[self._place(self.picked)]
        stills.draw_map(left, codes, self._sweep["extent"], beats, [here], title)
        x_hat = model.decode(torch.from_numpy(here[None]))[0, 0]
        lines = {"reconstruction": x_hat, "beat": self._all.x[self.picked, 0]}
        stills.draw_beat(right, beats, lines, f"Beat {self.picked}")
        return fig

    def summary(self):
        return f"{len(self.betas)} betas, {len(self._all)} beats, beta={self.beta:g}"

    @traitlets.validate("beta")
    def _trained_beta(self, proposal):
        near = [beta for beta in self.betas if np.isclose(beta, proposal.value, rtol=1e-6, atol=0)]
        if not near:
            known = ", ".join(f"{beta:g}" for beta in self.betas)
            raise traitlets.TraitError(f"beta={proposal.value:g}: the sweep has {known}")
        return near[0]


def check_sweep(sweep):
    """Raise TypeError or ValueError for what is no sweep over beta."""
    instance(dict, "a dictionary {beta: model}")("sweep", sweep)
    if len(sweep) < 2:
        raise ValueError(f"sweep has {len(sweep)} models: give two or more, or use LatentPad")
    for beta in sweep:
        real(0)("beta", beta)


def describe(model, beats):
    """One snapshot of the sweep: its decoder, codes and figures, and how far its map reaches."""
    codes, spread = maps.encode(model, beats)
    if spread is None:
        raise TypeError(f"{type(model).__name__} has no posterior: give VAEs, trained with beta")
    steps, blob = export_decoder(model)
    rate, distortion = rate_and_distortion(model, beats.x)
    return dict(
        steps=steps,
        weights=compact(blob),
        codes=codes,
        spread=spread,
        rate=rate,
        distortion=distortion,
        reach=maps.extent(codes, True)[0][1],
    )


def pack_model(described, shown):
    """The same as the page needs it: coordinates of the shown beats alone, in 16 bits."""
    return described | {name: compact(described[name][shown]) for name in ("codes", "spread")}


def rate_and_distortion(model, x):
    """KL in nats per beat; mean squared error with z drawn from q(z|x)."""
    mu, logvar = model.encode(x)
    sigma = torch.exp(0.5 * logvar)
    draws = min(MOST_DRAWS, max(1, ENOUGH // len(x)))
    drawn = (mu + sigma * torch.randn_like(mu) for _ in range(draws))
    error = sum(float(((maps.decode(model, z) - x) ** 2).mean()) for z in drawn) / draws
    return float(kl_to_standard_normal(mu, logvar).mean()), error
