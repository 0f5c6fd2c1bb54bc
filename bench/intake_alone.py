"""The intake alone as a process: front door, group commit, store; nothing is planned or sent. For the first rows."""

import sys
from pathlib import Path

from syncd.app import App
from syncd.config.load import load_config
from syncd.registry import Registry
from syncd.run.daemon import serve


def main(config: Path) -> None:
    loaded = load_config(config, {}, Registry())
    app = App(loaded)
    app.crew.loops.clear()
    serve(app, "127.0.0.1", loaded.settings.web.port, lambda address: print(f"ready {address}", flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
