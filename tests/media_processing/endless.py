"""A decoder that never ends: the module that a test has run in the stills' place."""


def main() -> None:
    while True:
        pass
