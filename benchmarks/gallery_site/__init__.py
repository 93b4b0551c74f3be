"""The portal, and beside its gallery what it is compared with."""
