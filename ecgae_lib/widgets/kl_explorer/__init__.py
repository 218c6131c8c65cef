"""How far a Gaussian is from the standard normal, and where a draw goes when it moves."""

import math

import numpy as np
import torch
import traitlets

from ecgae_lib.losses import kl_to_standard_normal
from ecgae_lib.widgets import stills
from ecgae_lib.widgets.base import Widget, finite

MU = (-5.0, 5.0)
SIGMA = (0.05, 3.0)
MOST_DRAWS = 500


class KLExplorer(Widget):
    """q = N(mu, sigma^2) against p = N(0, 1), with mu and sigma under the hand.

    mu: -5 to 5.  sigma: 0.05 to 3.
    eps: the draws from N(0, 1), up to 500 numbers; they stay when mu or sigma moves.
    kl: D_KL(q || p) in nats; distance and size: its two parts.  z: mu + sigma * eps, (n,).
    Raises TraitError for values outside these ranges, and for numbers that are not finite.
    """

    script = "kl_explorer.js"
    alt = "Two bell curves: the standard normal p, and q with the chosen mu and sigma."

    mu = traitlets.Float(1.5).tag(sync=True)
    sigma = traitlets.Float(0.6).tag(sync=True)
    eps = traitlets.List([]).tag(sync=True)

    @property
    def kl(self):
        """D_KL(q || p) in nats."""
        mu, sigma = torch.tensor([[self.mu], [self.sigma]], dtype=torch.float64)
        return float(kl_to_standard_normal(mu, 2 * sigma.log()))

    @property
    def distance(self):
        """The part of `kl` that grows with the distance of the middles, mu^2 / 2, in nats."""
        return self.mu**2 / 2

    @property
    def size(self):
        """The part of `kl` that is 0 for sigma = 1, (sigma^2 - log sigma^2 - 1) / 2, in nats."""
        return (self.sigma**2 - 2 * math.log(self.sigma) - 1) / 2

    @property
    def z(self):
        """The draws as points of q: mu + sigma * eps, (n,)."""
        return self.mu + self.sigma * np.array(self.eps, dtype=float)

    def still(self):
        fig, [[ax]] = stills.figure(1)
        stills.draw_normals(ax, self.mu, self.sigma, f"KL divergence {self.kl:.2f} nats")
        return fig

    def summary(self):
        return f"mu={self.mu:.2f}, sigma={self.sigma:.2f}, KL={self.kl:.2f} nats"

    @traitlets.validate("mu", "sigma")
    def _within_range(self, proposal):
        value, name = proposal.value, proposal.trait.name
        low, high = MU if name == "mu" else SIGMA
        if not low <= value <= high:
            raise traitlets.TraitError(
                f"{name}={value}: expected a number from {low:g} to {high:g}"
            )
        return value

    @traitlets.validate("eps")
    def _finite_draws(self, proposal):
        draws, n = finite(proposal.value), len(proposal.value)
        if n > MOST_DRAWS or draws.shape != (n,):
            raise traitlets.TraitError(
                f"eps: expected at most {MOST_DRAWS} finite numbers, draws from N(0, 1)"
            )
        return draws.tolist()
