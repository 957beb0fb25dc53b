"""The settings of Gunicorn, from the variables that `Gunicorn()` of a script sets."""

import os


def number(name, default, kind=int):
    value = os.environ.get(name)
    return kind(value) if value else default


def count_of_workers():
    """`WEB_CONCURRENCY`, else at least two and at most `MAX_WORKERS`, as `Gunicorn.workers` of rtiler counts them."""
    fixed = number("WEB_CONCURRENCY", 0)
    if fixed:
        return fixed
    count = max(int(number("WORKERS_PER_CORE", 1.0, float) * (os.cpu_count() or 2)), 2)
    most = number("MAX_WORKERS", 0)
    return min(count, most) if most else count


bind = f"0.0.0.0:{number('PORT', 8080)}"
workers = count_of_workers()
worker_class = "uvicorn_worker.UvicornWorker"
timeout = number("TIMEOUT", 120)
graceful_timeout = 30
# Longer than the idle timeout of a load balancer (60 s), so that it never uses a connection that is being closed.
keepalive = 65
loglevel = os.environ.get("LOG_LEVEL") or "info"
# The image has no home folder, where Gunicorn would put its control socket.
control_socket_disable = True
# The files of heartbeats are in memory: the disk of a task may be slow.
worker_tmp_dir = "/dev/shm"
