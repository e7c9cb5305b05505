"""Runs one command to its end and prints, as JSON, what it cost.

    measure.py COMMAND [ARGUMENT…]

Wall and CPU time in seconds (user and system), peak memory in bytes, exit status. The kernel counts
what a process was before it became COMMAND towards its peak, so nothing is imported here that is not
needed: the floor is then about 10 MiB.
"""

import os
import sys
import time

start = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - start
peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(f'{{"wall": {wall:.6f}, "cpu": {usage.ru_utime + usage.ru_stime:.6f}, "peak": {peak}, '
      f'"status": {os.waitstatus_to_exitcode(status)}}}')
