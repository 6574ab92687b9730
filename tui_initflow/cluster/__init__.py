"""Work on several machines: the workers of a Dask scheduler. The only room that knows `distributed`.

May import: training, engine and what lies below them. Only the command line imports it, and of
what knows Dask nothing before a cluster is asked for.

    address    what can be named as a cluster
    opening    reaches a scheduler or starts processes of this machine, and leaves them again
    executor   cuts work into chunks, submits them and takes results in order, until it is done, stopped or lost
    watch      the thread in which Dask's coroutines run; who still answers, and within which limits
    process    what a process of this machine does first
    worker     what runs on the other machines: a chunk, and a sample of the numbers that they compute
"""
