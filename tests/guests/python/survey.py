"""The probes of ../wit/survey.wit."""

# What is imported is kept in the component: later there are no files to import from.
import os
import sys

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.probes import Page, Surroundings
from wit_world.imports import http, log


def get(url: str) -> http.Request:
    return http.Request("GET", url, headers=[], body=b"", timeout_ms=None, redirects=0)


def milliseconds(response: http.Response) -> float:
    return response.elapsed_ns / 1e6


def opened(path: str) -> bool:
    try:
        if os.path.isdir(path):
            return bool(os.listdir(path))
        with open(path, "rb"):
            return True
    except OSError:
        return False


class Probes(exports.Probes):
    def mean(self, values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    def fetch(self, url: str) -> Page:
        response = http.send(get(url))  # its error is this function's
        log.write(log.Level.INFO, f"{url}: {response.status}")
        return Page(
            response.status,
            dict(response.headers).get("content-type"),
            len(response.body),
            milliseconds(response),
        )

    def is_up(self, url: str) -> bool:
        try:
            return http.send(get(url)).status == 200
        except Err as error:
            raise Err(f"{url}: {type(error.value).__name__}") from None

    def slowest(self, url: str, requests: int) -> float:
        exchanges = [http.Exchange(get(url)) for _ in range(requests)]
        times = []
        for exchange in exchanges:
            with exchange:
                times.append(milliseconds(exchange.wait()))
        return max(times)

    def look_around(self) -> Surroundings:
        paths = ["/", ".", "/etc/passwd", "/tmp", "plugin.toml"]
        return Surroundings(
            environment=sorted(os.environ),
            arguments=sys.argv[1:],
            files=[path for path in paths if opened(path)],
        )

    def descend(self, depth: int) -> int:
        return 0 if depth == 0 else 1 + self.descend(depth - 1)

    def hoard(self, bytes: int) -> int:
        piece = 64 * 1024
        kept = [bytearray(piece) for _ in range(-(-bytes // piece))]
        return len(kept) * piece

    def spin(self) -> None:
        while True:
            pass
