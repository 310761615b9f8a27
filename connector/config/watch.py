"""The configuration in force: the last version that was right, however the files are edited."""

from __future__ import annotations

from pathlib import Path

from connector.config.documents import Files, signature
from connector.config.loading import read
from connector.config.types import Config
from connector.model.errors import ConfigError


class LastGood:
    """Reads a configuration again when one of its files changes, and keeps the last good version.

    Raises ConfigError where there is no good version to begin with.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._files = Files(self._path.parent)
        self._config = read(self._path, self._files)
        self.failing: ConfigError | None = None

    def current(self) -> tuple[Config, ConfigError | None]:
        """(the configuration in force, the problems of an edit that cannot be used).

        The problems are told once for each edit; `failing` holds them as long as they last. Costs
        one look at each file where nothing has changed.
        """
        if not self._files.changed():
            return self._config, None
        files = Files(self._path.parent)
        try:
            config = read(self._path, files)
        except ConfigError as error:
            again = self.failing is not None and str(self.failing) == str(error)
            self.failing = error
            # What only the good version looked at is still looked at: it may be put back.
            for path in self._files.signatures.keys() - files.signatures.keys():
                files.signatures[path] = signature(path)
            self._files = files
            return self._config, None if again else error
        self._files, self.failing = files, None
        if config.digest != self._config.digest:
            self._config = config
        return self._config, None
