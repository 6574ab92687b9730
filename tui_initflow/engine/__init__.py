"""The measurement: random networks, their forward and backward passes, and the results. Pure numpy, no I/O.

May import: model, functions.

    reference      the equations, for one network: read this first
    passes         the same for batches of networks, at any depth and scale -> signals in a range, products with weights
    streams        seed    -> raw words for each use and layer, readable from any position -> float32 numbers
    weights        numbers -> the tiles of each layer, orthogonal ones too, kept or drawn again for each pass
    implicit       no weights, but what they do: exact where they are normal or orthogonal
    simulator      one method: draws its networks by its sampler, batch by batch, and sends them through the passes
    runs           `simulate`: both methods over many runs   -> results, with preactivations and gradient_elements
    sweep          `sweep`: the ratio over one setting       -> only final gradients
    grid           the phase chart: two settings, in as many cells and runs as can be afforded
    pool           threads, in order, that can be stopped, and how far they are
    fingerprint    what tells machines apart whose numbers differ

Run k of a layer is made of the same words in any batch, thread and order.
"""
