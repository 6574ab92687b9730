"""From a seed to the weights of a network, in five steps, each a file:

    streams     seed     -> a stream of raw 64-bit words for every use and layer, readable at any place
    rows        shape    -> which words of a run become which rows of W
    numbers     words    -> float32 numbers of a distribution, two from each word
    orthogonal  numbers  -> orthogonal matrices, where these are asked for
    weights     all      -> the weights of a batch of networks, kept or drawn again for each pass

Whatever the batch, the thread and the order: run k of a layer is always made of the same words.
"""
