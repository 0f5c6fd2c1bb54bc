"""Reverse proxies as people put them before syncd: each marks what it forwards, and keeps its connections open."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.processes import until

MARK = "x-forwarded-by"


@dataclass(frozen=True)
class Proxy:
    name: str
    config: Callable[[int, int, Path], str]  # from its port, the port behind it and a folder of its own
    command: Callable[[Path], Sequence[str]]  # from the file with the config

    @property
    def there(self) -> bool:
        return shutil.which(self.name, path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin") is not None


def _nginx(port: int, behind: int, folder: Path) -> str:
    return f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream syncd {{ server 127.0.0.1:{behind}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://syncd; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header {MARK} nginx;
    }}
  }}
}}
"""


def _haproxy(port: int, behind: int, _: Path) -> str:
    return f"""
defaults
  mode http
  timeout connect 2s
  timeout client 3s
  timeout server 3s
  http-reuse always
frontend door
  bind 127.0.0.1:{port}
  http-request set-header {MARK} haproxy
  default_backend syncd
backend syncd
  server one 127.0.0.1:{behind}
"""


def _caddy(port: int, behind: int, _: Path) -> str:
    forward = f"reverse_proxy 127.0.0.1:{behind} {{\n    header_up {MARK} caddy\n  }}"
    site = f"http://:{port} {{\n  bind 127.0.0.1\n  {forward}\n}}"
    return f"{{\n  admin off\n  auto_https off\n}}\n{site}\n"


PROXIES = (
    Proxy("nginx", _nginx, lambda file: ["nginx", "-p", str(file.parent), "-c", str(file)]),
    Proxy("haproxy", _haproxy, lambda file: ["haproxy", "-q", "-db", "-f", str(file)]),
    Proxy("caddy", _caddy, lambda file: ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]),
)


@contextmanager
def running(proxy: Proxy, behind: int, folder: Path) -> Iterator[int]:
    """The port on which it listens. Only what is on its own connection is told to go when it ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    file = folder / f"{proxy.name}.conf"
    file.write_text(proxy.config(port, behind, folder))
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "HOME": str(folder)}
    started = subprocess.Popen(proxy.command(file), cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _listens(port), f"{proxy.name} on its port", 20)
        yield port
    finally:
        started.terminate()
        started.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
