"""How a visitor shows who they are: a file for each kind of identity."""
