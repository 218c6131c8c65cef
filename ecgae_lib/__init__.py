"""Autoencoders for heartbeats: the small helper behind the notebooks."""

__version__ = "0.1.0"
