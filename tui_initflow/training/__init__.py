"""The proof: the networks of both methods trained on data, from exactly the weights that the engine draws.

May import: model, functions, engine, untrusted. Reads data, and writes nothing.

    data           the digits shipped with the package, spirals, or a file, standardised and split
    tables         rows and labels from a .csv or .npz, whose sizes are checked first
    classifier     the equations of many networks at once: loss, gradients of all weights and biases, accuracy
    norms          layer, rms and batch norm for rows of the data, and how batch norm is evaluated
    optimisers     from a gradient to an update
    records        what is measured at a step
    trainer        networks step by step, and those that diverge set aside
    start          the weights and biases that a run starts with
    results        what training gives, for both methods
    runs           `train`: both methods, at the rates found by
    search         `search`: the loss each method reaches at every rate of a grid
    trainability   `trainability_map`: accuracy over gain and depth
"""
