"""Widgets: live in JupyterLab, and in a page without any kernel."""

from ecgae_lib.widgets.latent_pad import LatentPad

__all__ = ["LatentPad"]
