"""What mean-field theory predicts for a network before any of it is drawn: pure functions, no simulation.

May import: engine, model, functions. README.md beside this file derives every formula.

`outlook` is the way in, from an experiment to all that theory says of it:

    prediction     the gradient at every point, with its finite-width band; how deep a network may be
      mean_field     infinite width: layer by layer forward and backward
      finite_width   the spread and drift at n neurons, from the `averages` over a layer
    sampled        the same with skips or norms: a sample of neurons, by the laws in `blocks` and `batch_norm`
    phase          order, chaos and the critical gain

`neuron` takes the Gaussian expectations of one layer, by quadrature. All that takes long calls
`checkpoint`s, as the engine does.
"""
