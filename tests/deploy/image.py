"""`make rehearsal`: the Dockerfile without a container engine. Builds what it says and runs it as it says.

bubblewrap stands in for the engine: the build stage's COPY and RUN lines are carried out one by one in a root of their
own, then the image's ENTRYPOINT runs with its ENV, as its USER, on a read-only root, without capabilities, without a
network but loopback, with one volume and a tmpfs at /tmp. Not tried: the base image, and the lines that make the user.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.deploy.containerfile import Line, environment, only, stages
from tests.e2e.processes import PROGRAM

DEPLOY = PROGRAM / "deploy"
HOST = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/ssl",
    "/etc/pip.conf",
    "/etc/resolv.conf",
    "/etc/hosts",
    sys.base_prefix,
]
"""What of this machine stands in for the base image."""


def main() -> int:
    if shutil.which("bwrap") is None:
        print("NOT LOOKED AT: bubblewrap is not installed (apt install bubblewrap)")
        return 3
    build, image = stages(DEPLOY / "Dockerfile")
    with tempfile.TemporaryDirectory(prefix="syncd-image-") as name:
        folder = Path(name)
        for each in ("opt", "src", "volume", "secrets", "etc"):
            (folder / each).mkdir()
        for line in build:
            carry_out(line, folder)
        size = sum(file.stat().st_size for file in (folder / "opt").rglob("*") if file.is_file()) // 2**20
        print(f"built: /opt/syncd has {size} MiB", flush=True)
        return run(image, folder)


def carry_out(line: Line, folder: Path) -> None:
    """One line of the build stage."""
    if line.word == "COPY":
        *sources, target = line.rest.split()
        for source in sources:
            copy(PROGRAM / source, folder / "src" / target, Path(source).name)
    if line.word == "RUN":
        print("RUN", *line.words(), flush=True)
        writable = [
            "--bind",
            str(folder / "opt"),
            "/opt/syncd",
            "--bind",
            str(folder / "src"),
            "/src",
            "--chdir",
            "/src",
        ]
        path = ["--setenv", "PATH", f"{sys.base_prefix}/bin:/usr/bin:/bin"]
        subprocess.run([*root(), *writable, *path, *line.words()], check=True)


def copy(source: Path, target: Path, name: str) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target / name)


def root() -> list[str]:
    known = [path for path in HOST if Path(path).exists()]
    bound = [word for path in known for word in ("--ro-bind", path, path)]
    return ["bwrap", "--die-with-parent", *bound, "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108


def run(image: list[Line], folder: Path) -> int:
    """As `docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp -v volume` does."""
    said = environment(image)
    (folder / "secrets/console-token").write_text("0123456789abcdef0123")
    (folder / "secrets/console-token").chmod(0o440)
    shutil.copy(DEPLOY / "config.yaml", folder / "etc/config.yaml")
    shutil.copy(Path(__file__).with_name("image_driver.py"), folder / "etc/driver.py")
    uid, gid = only(image, "USER").rest.split(":")
    order = [
        *root(), "--ro-bind", str(folder / "opt"), "/opt/syncd", "--ro-bind", str(folder / "etc"), "/etc/syncd",
        "--ro-bind", str(folder / "secrets"), said["CREDENTIALS_DIRECTORY"], "--bind", str(folder / "volume"),
        "/var/lib/syncd", "--remount-ro", "/", "--chdir", only(image, "WORKDIR").rest, "--unshare-all",
        "--uid", uid, "--gid", gid, "--cap-drop", "ALL", "--new-session", "--clearenv",
    ]  # fmt: skip
    for name, value in said.items():
        order += ["--setenv", name, value]
    commands = {
        "daemon": only(image, "ENTRYPOINT").words() + only(image, "CMD").words(),
        "health": only(image, "HEALTHCHECK").words(),
        "backup": [*only(image, "ENTRYPOINT").words(), "db", "backup"],
        "prove": [*only(image, "ENTRYPOINT").words(), "prove"],
    }
    done = subprocess.run([*order, "python", "/etc/syncd/driver.py", json.dumps(commands)], check=False)
    print("held" if done.returncode == 0 else "VIOLATED")
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
