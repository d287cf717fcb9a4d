"""Memory and time for reading a big training log, by format.

    python -m bench.logs [--megabytes 200] [jsonl] [nested] [csv] [printed] [events] [histograms] [wandb]

The file is generated in pieces and fed as the page feeds it, never as a whole in memory. `held` is the peak memory
while it is read, as Python and numpy count it (tracemalloc); `combined` is the peak while the run is made. The times
are measured on a tenth of the file, without tracemalloc.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count

from app.runs.formats.crc32c import masked_crcs
from app.runs.run import Reader, combine
from tests.support.tracker_samples import scalars, wandb_log

PIECE = 65_536  # bytes fed at once
LAYERS = 300
NAMES = [f"transformer.h.{at}.mlp.weight" for at in range(LAYERS)]


def values(chance: random.Random) -> list[float]:
    """Return a step's magnitudes with seven digits, as the recorder writes them."""
    return [float(f"{chance.random():.7g}") for _ in NAMES]


def jsonl() -> Iterator[bytes]:
    """JSON lines as the recorder writes them."""
    chance = random.Random(0)
    for step in count():
        norms = {f"grad_norm/{name}": value for name, value in zip(NAMES, values(chance), strict=True)}
        yield json.dumps({"step": step, "loss": 0.5, **norms}).encode() + b"\n"


def nested() -> Iterator[bytes]:
    """JSON lines with the gradients in an object of their own."""
    chance = random.Random(0)
    for step in count():
        norms = dict(zip(NAMES, values(chance), strict=True))
        yield json.dumps({"step": step, "loss": 0.5, "grad_norm": norms}).encode() + b"\n"


def csv() -> Iterator[bytes]:
    """Lightning's wide table."""
    chance = random.Random(0)
    yield ",".join(["epoch", "step", *(f"grad_2.0_norm/{name}" for name in NAMES)]).encode() + b"\n"
    for step in count():
        yield ",".join(["0", str(step), *map(repr, values(chance))]).encode() + b"\n"


def printed() -> Iterator[bytes]:
    """The print of a training script: a line a layer under the line of its step."""
    chance = random.Random(0)
    for step in count():
        norms = zip(NAMES, values(chance), strict=True)
        yield f"Step {step}\n".encode() + "".join(f"{name} grad norm: {norm!r}\n" for name, norm in norms).encode()


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _sealed(messages: list[bytes]) -> bytes:
    lengths = [struct.pack("<Q", len(message)) for message in messages]
    sums = zip(lengths, masked_crcs(lengths), messages, masked_crcs(messages), strict=True)
    return b"".join(
        length + struct.pack("<I", one) + message + struct.pack("<I", two) for length, one, message, two in sums
    )


def _events(value: Callable[[str, float], bytes]) -> Iterator[bytes]:
    chance = random.Random(0)
    yield _sealed([b"\x09" + bytes(8) + _field(3, b"brain.Event:2")])
    for step in count():
        head = b"\x09" + bytes(8) + b"\x10" + _varint(step)
        pairs = zip(NAMES, values(chance), strict=True)
        yield _sealed([head + _field(5, _field(1, value(name, norm))) for name, norm in pairs])


def events() -> Iterator[bytes]:
    """An event file of scalars, one per record, as tensorboardX writes them."""
    return _events(lambda name, norm: _field(1, f"grad_norm/{name}".encode()) + b"\x15" + struct.pack("<f", norm))


def histograms() -> Iterator[bytes]:
    """An event file of histograms of 500 buckets."""
    buckets = b"".join(_field(number, bytes(8 * 500)) for number in (6, 7))

    def value(name: str, norm: float) -> bytes:
        moments = b"".join(
            bytes([at << 3 | 1]) + struct.pack("<d", x) for at, x in ((1, -1), (2, 1), (3, 900), (5, norm))
        )
        return _field(1, f"gradients/{name}".encode()) + _field(5, moments + buckets)

    return _events(value)


def wandb() -> Iterator[bytes]:
    """W&B's log of an offline run: a record a step."""
    chance = random.Random(0)
    written = 0
    for step in count():
        norms = {f"grad_norm/{name}": value for name, value in zip(NAMES, values(chance), strict=True)}
        part = wandb_log(scalars(step, {"loss": 0.5, **norms}), at=written)
        written += len(part)
        yield part


FORMATS = {
    "jsonl": jsonl,
    "nested": nested,
    "csv": csv,
    "printed": printed,
    "events": events,
    "histograms": histograms,
    "wandb": wandb,
}


def pieces(source: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield about `size` bytes of a source, in pieces."""
    rest = b""
    for part in source:
        rest += part
        while len(rest) >= PIECE:
            yield rest[:PIECE]
            rest, size = rest[PIECE:], size - PIECE
        if size <= 0:
            break
    yield rest


def memory(name: str, size: int) -> tuple[float, float, float]:
    """Return the peak megabytes while reading and while the run is made, and the megabytes read."""
    reader = Reader(f"big.{name}")
    tracemalloc.start()
    for piece in pieces(FORMATS[name](), size):
        reader.feed(piece)
    log = reader.finish()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    (run,) = combine([log])
    combined = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert run.logged.all()
    return held / 1e6, combined / 1e6, reader.read / 1e6


def timing(name: str, size: int) -> tuple[float, float]:
    """Return megabytes per second of processor time, and the median milliseconds per piece."""
    prepared = list(pieces(FORMATS[name](), size))
    reader, times = Reader(f"big.{name}"), []
    for piece in prepared:
        start = time.process_time()
        reader.feed(piece)
        times.append(time.process_time() - start)
    return reader.read / 1e6 / sum(times), statistics.median(times) * 1000


def main() -> None:
    """Measure the chosen formats."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="format", help=", ".join(FORMATS))
    parser.add_argument("--megabytes", type=int, default=200)
    options = parser.parse_args()
    print(f"{'':12s}{'MB read':>10s}{'MB held':>10s}{'combined':>10s}{'MB/s':>8s}{'ms/64 kB':>10s}")
    for name in options.formats or FORMATS:
        held, combined, read = memory(name, options.megabytes * 1_000_000)
        rate, piece = timing(name, options.megabytes * 100_000)
        print(f"{name:12s}{read:10.1f}{held:10.1f}{combined:10.1f}{rate:8.1f}{piece:10.2f}", flush=True)
    print(f"whole process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
