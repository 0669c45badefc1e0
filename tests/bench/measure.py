"""Runs a command several times; prints wall seconds, CPU seconds and peak memory of each as JSON.

Usage: measure.py RUNS COMMAND [ARGUMENT ...]
"""

import json
import os
import sys
import time

runs, command = int(sys.argv[1]), sys.argv[2:]
measured = []
for _ in range(runs):
    begun = time.perf_counter()
    pid = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    measured.append(
        {
            "wall": time.perf_counter() - begun,
            "cpu": usage.ru_utime + usage.ru_stime,
            "rss_mib": usage.ru_maxrss / 1024,
            "exit": os.waitstatus_to_exitcode(status),
        }
    )
json.dump(measured, sys.stdout)
