"""Remembers what was already found clean, by content, so that a second run has nothing to do."""

import json


class Stamps:
    def __init__(self, path):
        self._path = path
        self._used = {}
        try:
            self._known = json.loads(path.read_text())
        except (OSError, ValueError):
            self._known = {}

    def is_clean(self, check, name, digest):
        clean = self._known.get(check, {}).get(name) == digest
        if clean:
            self._used.setdefault(check, {})[name] = digest
        return clean

    def set_clean(self, check, name, digest):
        self._used.setdefault(check, {})[name] = digest

    def save(self):
        """A check that did not run keeps its stamps; one that ran keeps those of files that still exist."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps({**self._known, **self._used}, indent=0, sort_keys=True))
        temporary.replace(self._path)
