"""Real weights: files of tensors are read, measured and sent signals through. The files are not trusted.

May import: model, functions, engine, untrusted. Reads the files it is given, and writes nothing.

    opening        `open_checkpoint`: a path becomes a list of tensors, by one of
      safetensors_files, numpy_files, pytorch_files -> pickles, pickled_tensors
    tensors        what a tensor is, whose numbers are read slice by slice
    sources, archives    where bytes come from, and how they become numbers; `CheckpointError`
    kinds          linear, convolution, … and the fans, from name and shape
    scan           `scan`: what is known of every tensor -> looks_like (a test), and
      statistics   of one tensor, or of many small ones together -> moments (one pass); spectral norms
    chain          the weights that fit together, with signals sent through them by the engine's passes
    changes        what differs between two files, and from reading to reading of one

Every check comes before what it guards: sizes before memory, names before paths. Every read is followed by a look at
the file: what is judged is what was read, of a file that nothing has written to since it was opened. Nothing is ever
unpickled here: of PyTorch's files the pickles are read as data, without PyTorch.
"""
