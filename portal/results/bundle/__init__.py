"""The verifiable bundle of an edition's results: its parts, its manifest, its check.

Nothing here knows the site: with numpy and the pure rules of this repository anybody can run it.
"""
