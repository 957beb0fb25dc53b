"""A Docker engine of its own for the tests, with what ministack needs to run ECS tasks as containers.

Usage: engine.py FOLDER. Prints one line, `{"host", "member"}`, when it is ready: `DOCKER_HOST`, and a container whose
network ministack shall use (it takes the one of the container that `HOSTNAME` names for its own). When standard input
closes, the containers, the network and the engine go; the test holds the other end, so that they go with it however it
ends. The engine knows no bridge, no firewall rules and no port outside of its network, so that it stands beside another.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time

import docker

# A health check that answers 500 where `BROKEN` is set.
HEALTH = b"""#!/bin/sh
status='200 OK'
[ -z "$BROKEN" ] || status='500 Internal Server Error'
printf 'Status: %s\\r\\n\\r\\n' "$status"
"""


def main(folder):
    socket = f"unix://{folder}/docker.sock"
    options = ["--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"]
    closed = ["--iptables=false", "--ip-masq=false", "--bridge=none", "--insecure-registry", "127.0.0.0/8"]
    with open(f"{folder}/log", "wb") as log:
        daemon = ["dockerd", "-H", socket, *options, *closed]
        engine = subprocess.Popen(daemon, stdout=log, stderr=log, start_new_session=True)
    try:
        client = ready(engine, socket, folder)
        client.api.import_image_from_data(image(), repository="127.0.0.1:1/box", tag="1")
        network = client.networks.create(f"rtiler-{os.getpid()}", driver="bridge")
        member = client.containers.run("127.0.0.1:1/box:1", ["/bin/busybox", "sleep", "86400"], detach=True,
                                       network=network.name)
        try:
            print(json.dumps({"host": socket, "member": member.id}), flush=True)
            sys.stdin.buffer.read()
        finally:
            clear(client, network)
    finally:
        engine.terminate()
        engine.wait(30)


def ready(engine, socket, folder):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and engine.poll() is None:
        try:
            client = docker.DockerClient(base_url=socket, timeout=30)
            client.ping()
            return client
        except Exception:
            time.sleep(0.1)
    with open(f"{folder}/log", encoding="utf-8") as log:
        sys.exit("no Docker engine can be started here (it needs root, overlayfs and cgroups):\n" + log.read()[-3000:])


def clear(client, network):
    """Takes everything away; ministack, which ends at the same time, may take away some of it and start more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            for container in client.api.containers(all=True):
                client.api.remove_container(container["Id"], force=True)
            return network.remove()
        except docker.errors.APIError:
            time.sleep(0.2)


def image():
    """A root file system of busybox and the health check."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(os.path.realpath(shutil.which("busybox")), "bin/busybox")
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)
        health = tarfile.TarInfo("www/cgi-bin/health")
        health.mode, health.size = 0o755, len(HEALTH)
        tar.addfile(health, io.BytesIO(HEALTH))
    return out.getvalue()


main(sys.argv[1])
