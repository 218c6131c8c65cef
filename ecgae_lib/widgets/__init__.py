"""Widgets: live in JupyterLab, and in a page without any kernel."""

from ecgae_lib.widgets.kl_explorer import KLExplorer
from ecgae_lib.widgets.latent_pad import LatentPad
from ecgae_lib.widgets.length_explorer import LengthExplorer

__all__ = ["KLExplorer", "LatentPad", "LengthExplorer"]
