"""Mathematics with a name: the activation functions, and the special functions of probability.

May import: nothing of the package.
"""
