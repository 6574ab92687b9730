"""The proof: the networks of both methods trained on data, from exactly the weights that the engine draws.

May import: model, functions, engine, untrusted. Reads data, and writes nothing.

    data           the digits shipped with the package, spirals, or a file, standardised and split
    tables         rows and labels from a .csv or .npz, whose sizes are checked first
    classifier     the equations of many networks at once: their start, loss, gradients of all weights, accuracy
    optimisers     from a gradient to an update
    trainer        networks step by step, and those that diverge set aside
    results        what is measured at a step, and what training gives, for both methods
    runs           `train`: both methods, each at the rate of a grid that suits it best
    trainability   `trainability_map`: accuracy over gain and depth
"""
