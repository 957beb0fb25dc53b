"""Runs one emulator of AWS on loopback until standard input closes.

Usage: serve.py ministack|moto PORT. With SIGNATURES=unchecked, moto enforces policies but no signatures: it verifies those of
forms in an encoding of its own, which fails for templates. The test that started it holds the other end of the pipe, so the server ends with
its test, however that test ends.
"""

import os
import sys
import threading


def lifeline():
    sys.stdin.buffer.read()
    os._exit(0)


def main(emulator, port):
    threading.Thread(target=lifeline, daemon=True).start()
    if emulator == "ministack":
        # Its MQTT broker would listen beyond the loopback, and makes up most of its start.
        os.environ.update(BIND_HOST="127.0.0.1", GATEWAY_PORT=port, IOT_MTLS_ENABLED="0")
        sys.argv = ["ministack"]
        from ministack.app import main as ministack

        ministack()
    else:
        from moto.iam.access_control import IAMRequestBase
        from moto.server import main as moto

        if os.environ.get("SIGNATURES") == "unchecked":
            IAMRequestBase.check_signature = lambda self: None
        moto(["-H", "127.0.0.1", "-p", port])


main(*sys.argv[1:])
