"""How a cluster is reached or started, and left again, whatever answers there and whoever interrupts it."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import multiprocessing
import os
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import Client, LocalCluster, Status

from tui_initflow.cluster.address import Scheduler
from tui_initflow.cluster.executor import Cluster, shown
from tui_initflow.cluster.watch import LIMITS, Limits, Loop
from tui_initflow.engine.pool import Cancelled, Flag, Stop
from tui_initflow.engine.processors import available_processors

UNWATCHED = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""Nobody looks at the profile of a local cluster or at how busy its loops are, which takes some percent of the time."""
WORKER_PROCESS = "Dask Worker process"
"""How Dask names the processes of a local cluster."""


__all__ = ["Cancelled", "Unreachable", "connected", "local"]


class Unreachable(Exception):
    """The cluster cannot be reached. The message is one line."""


@contextmanager
def connected(address: Scheduler, *, cancel: Flag | None = None, limits: Limits = LIMITS) -> Iterator[Cluster]:
    """The cluster of a scheduler.

    Raises:
        Unreachable: there is none at the address, or it does not answer.
        Cancelled: `cancel` was set before it did.
    """
    stop = Stop(cancel)
    with _quiet(), Loop() as loop:
        try:
            found = loop.answer(_found(address), limits.connect, stop)
        except TimeoutError:
            raise Unreachable(f"{address} does not answer ({limits.connect:g} s)") from None
        except OSError as error:
            # of a connection, asyncio says no more than that there is none
            reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or errno.EIO)
            raise Unreachable(f"{address} cannot be reached: {reason}") from None
        says = f"{address} accepts connections, but does not answer as a Dask scheduler"
        try:
            client = loop.answer(_client(str(found)), limits.connect, stop)
        except Cancelled:
            raise
        except TimeoutError:
            raise Unreachable(f"{says} ({limits.connect:g} s)") from None
        except ImportError as error:
            raise Unreachable(f"{address} needs other packages here: {shown(error)}") from None
        except Exception:
            # there is nothing that the bytes of a stranger may not raise
            raise Unreachable(says) from None
        with _left(loop, client, "closed", limits):
            yield Cluster(client, str(address), loop, limits)


@contextmanager
def local(processes: int | None = None, *, cancel: Flag | None = None, limits: Limits = LIMITS) -> Iterator[Cluster]:
    """A cluster of `count` processes on this machine, by default one for each processor.

    Raises:
        Unreachable: it cannot be started.
        Cancelled: `cancel` was set before it was.
    """
    count, stop = processes or available_processors(), Stop(cancel)
    limit = limits.start + count
    # before the loop ends, and takes away what they start from; and after it, which may have started others
    with _quiet(), _no_process_left(), Loop() as loop, _no_process_left():
        with _starting(limit):
            cluster = loop.answer(_processes(count), limit, stop)
        with _left(loop, cluster, Status.closed, limits):
            with _starting(limit):
                loop.answer(_started(cluster), limit, stop)
                client = loop.answer(_client(cluster), limit, stop)
            with _left(loop, client, "closed", limits):
                yield Cluster(client, "the local cluster", loop, limits)


@contextmanager
def _starting(limit: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unreachable(f"the processes of the local cluster have not started ({limit:g} s)") from None
    except (OSError, RuntimeError):
        raise Unreachable("the processes of the local cluster cannot be started") from None


async def _found(address: Scheduler) -> Scheduler:
    """The first of the host's IP addresses to accept a connection."""
    error = OSError()
    for tried in asyncio.as_completed([_accepting(*at[:2]) for *_, at in await _looked_up(address)]):
        try:
            return await tried
        except OSError as refusal:
            error = refusal
    raise error


async def _accepting(host: str, port: int) -> Scheduler:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return Scheduler(host, port)


def _looked_up(address: Scheduler) -> asyncio.Future[list[tuple[Any, ...]]]:
    """In a thread that nobody waits for: a name server may take a minute to say nothing, and cannot be interrupted."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[tuple[Any, ...]]] = loop.create_future()

    def give(answer: list[tuple[Any, ...]] | OSError) -> None:
        if not found.done():
            found.set_result(answer) if isinstance(answer, list) else found.set_exception(answer)

    def look_up() -> None:
        answer: list[tuple[Any, ...]] | OSError
        try:
            answer = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except OSError as error:
            answer = error
        # the loop may have gone meanwhile
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(give, answer)

    threading.Thread(target=look_up, daemon=True).start()
    return found


async def _client(of: str | LocalCluster) -> Client:
    client = Client(of, asynchronous=True, set_as_default=False)
    try:
        return await client
    except BaseException:
        # else it would close itself when it is collected, without a loop to do so
        client.status = "closed"
        raise


async def _processes(count: int) -> LocalCluster:
    with dask.config.set(UNWATCHED):
        return LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            # else it takes the port of a cluster that is meant to be looked at
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            preload=["tui_initflow.cluster.process"],
            asynchronous=True,
        )


async def _started(cluster: LocalCluster) -> None:
    with dask.config.set(UNWATCHED):
        await cluster


async def _closed(peer: Client | LocalCluster) -> None:
    if isinstance(peer, Client):
        # as it does itself outside of a loop: without waiting until it has found its scheduler again
        await peer._close(fast=True)
    else:
        await peer.close()


@contextmanager
def _left(loop: Loop, peer: Client | LocalCluster, closed: object, limits: Limits) -> Iterator[None]:
    """Part from it in the end, unless the user does not wait for it."""
    # else it would close itself when it is collected, without a loop to do so
    loop.afterwards(lambda: setattr(peer, "status", closed))
    try:
        yield
    finally:
        if not isinstance(sys.exception(), (Cancelled, KeyboardInterrupt)):
            # whatever it is busy with, its time is over
            with suppress(Exception):
                loop.answer(_closed(peer), limits.close, Stop(None))


@contextmanager
def _no_process_left() -> Iterator[None]:
    """Kill the processes of the local cluster that have not ended in the end, such as one that is stopped."""
    if os.name == "posix":
        # else the first process would start it, and by that let itself hear Ctrl+C
        resource_tracker.ensure_running()
    earlier = multiprocessing.active_children()
    try:
        yield
    finally:
        for process in multiprocessing.active_children():
            if process not in earlier and process.name.startswith(WORKER_PROCESS):
                process.kill()
                process.join()


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask: a worker that dies is replaced, other versions are checked for here, and large data is meant."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(distributed|dask)\b")
            yield
    except Unreachable:
        # connections to a stranger that were dropped say so when they are collected
        gc.collect()
        raise
    finally:
        logging.disable(before)
