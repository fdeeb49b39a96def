"""Watches all frames at one interface for a text, until standard input ends.

Usage: watch_wire.py INTERFACE TEXT. Prints "ready" when it watches, and at the end one line of
JSON: frames and bytes that passed, frames that had the text in them, and frames that the kernel
could not keep for us, which nobody looked at.
"""

import json
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_STATISTICS = 6
SO_RCVBUFFORCE = 33
KEPT_BYTES = 128 * 2**20
FRAME_BYTES_MAX = 2**20


def main(interface: str, text: bytes) -> None:
    watcher = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    watcher.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, KEPT_BYTES)
    watcher.bind((interface, 0))
    print("ready", flush=True)
    seen = {"frames": 0, "bytes": 0, "found": 0}
    is_ending = False
    while True:
        # Once the input has ended, what was kept until then is still looked at.
        waiting = [watcher] if is_ending else [watcher, sys.stdin]
        readable, _, _ = select.select(waiting, [], [], 0 if is_ending else None)
        if watcher in readable:
            frame = watcher.recv(FRAME_BYTES_MAX)
            seen["frames"] += 1
            seen["bytes"] += len(frame)
            seen["found"] += text in frame
        elif is_ending:
            break
        if sys.stdin in readable:
            is_ending = True
    statistics = watcher.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
    _, dropped = struct.unpack("II", statistics)
    print(json.dumps({**seen, "dropped": dropped}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].encode())
