"""The same work on several machines: the workers of a Dask scheduler. The only room that knows `distributed`.

May import: training, engine and what lies below them. Only the command line imports it, when a cluster is asked for.

    executor   cuts work into chunks, submits them and takes results in order, until it is done, stopped or lost
    worker     what runs on the other machines: a chunk, and the proof that they compute the same numbers
"""
