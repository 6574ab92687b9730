"""From a seed to the weights of a batch of networks, a file for each step:

    streams     seed     -> a stream of raw 64-bit words for each use (slot) and layer, readable from any position
    rows        shape    -> blocks of rows of W, and which words of a run each is made of
    numbers     words    -> float32 numbers D of a distribution, two from each word
    orthogonal  numbers  -> orthogonal matrices, for the initialisers that ask for them
    weights     all      -> the blocks of D and the scale s of each layer, kept or redrawn for each pass

Run k of a layer is made of the same words in any batch, thread and order.
"""
