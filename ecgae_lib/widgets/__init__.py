"""Widgets: live in JupyterLab, and in a page without any kernel."""

from ecgae_lib.widgets.beta_explorer import BetaExplorer
from ecgae_lib.widgets.compare_pads import ComparePads
from ecgae_lib.widgets.kl_explorer import KLExplorer
from ecgae_lib.widgets.latent_pad import LatentPad
from ecgae_lib.widgets.length_explorer import LengthExplorer
from ecgae_lib.widgets.training_film import TrainingFilm

__all__ = [
    "BetaExplorer",
    "ComparePads",
    "KLExplorer",
    "LatentPad",
    "LengthExplorer",
    "TrainingFilm",
]
