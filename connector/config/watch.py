"""The configuration in force: the last version that was right, however the files are edited."""

from __future__ import annotations

from pathlib import Path

from connector.config.documents import Files
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
            told = self.failing is not None and str(self.failing) == str(error)
            self.failing = error
            # What the last good version looked at may be looked at again by a mended one.
            self._files.signatures = {**dict.fromkeys(self._files.signatures), **files.signatures}
            self._remember(files)
            return self._config, None if told else error
        self._files, self.failing = files, None
        if config.digest != self._config.digest:
            self._config = config
        return self._config, None

    def _remember(self, files: Files) -> None:
        from connector.config.documents import signature

        for path in self._files.signatures:
            if path not in files.signatures:
                self._files.signatures[path] = signature(path)
