"""Refuses to start when originals could be read by anybody."""
