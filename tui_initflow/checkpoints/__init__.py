"""Real weights: files of tensors are read, measured and sent signals through. The files are not trusted.

May import: model, functions, engine, untrusted. Reads the files it is given, and writes nothing.

    opening        `open_checkpoint`: a path becomes a list of tensors, by one of
      safetensors_files, numpy_files, pytorch_files -> pickles, pickled_tensors -> views
    tensors        what a tensor is, whose numbers are read slice by slice; `CheckpointError`
    dtypes, sources, archives    how bytes become numbers, and where they come from
    kinds          linear, convolution, … and the fans, from name and shape
    scan           `scan`: what is known of every tensor -> looks_like (a test), duplicates, and
      statistics   of one tensor, or of many small ones together -> moments (one pass), spectrum (Lanczos)
    chain          the weights that fit together, with signals sent through them by the engine's passes
    changes        what differs between two files
    history        what differs from reading to reading of one that is written again and again

Every check comes before what it guards: sizes before memory, names before paths. Every read is followed by a look at
the file: what is judged is what was read, of a file that nothing has written to since it was opened. Nothing is ever
unpickled here: of PyTorch's files the pickles are read as data, without PyTorch.
"""
