"""The measurement: random networks, their forward and backward passes, and the results. Pure numpy, no I/O.

May import: model, functions.

    reference      the equations, for one network: read this first
    passes         the same for batches of plain networks, at any depth and scale
    blocks         the same with skips and norms; inputs: products for the inputs of batch norm
    sampling/      from the seed to the weights
    implicit       no weights, but what they do: exact where they are normal or orthogonal
    simulator      one method: draws its networks by its sampler, batch by batch, and sends them through the passes
    runs           `simulate`: both methods over many runs   -> results, with the statistics of preactivations, run_sums
    sweep          `sweep`: the ratio over one setting       -> only final gradients, see finals
    grid           the phase chart: two settings, as grid_plan says
    pool           threads, in order, that can be stopped
    fingerprint    what tells machines apart whose numbers differ
"""
