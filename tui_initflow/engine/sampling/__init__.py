"""From a seed to the weights of a network: seed, stream, words, numbers, rows of W."""
