"""The files of the project and what a check says about them."""

import dataclasses
import functools
import hashlib
import os
import pathlib
import subprocess

CXX_SUFFIXES = (".cpp", ".hpp")


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    what: str  # names the thing, its value and the limit
    next_step: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}"


class SourceTree:
    """What git tracks or would add; without git, every file outside build/ and out/."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()

    @functools.cached_property
    def files(self):
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            listing = subprocess.run(command, capture_output=True, check=True).stdout.decode()
            names = [name for name in listing.split("\0") if name]
        except (OSError, subprocess.CalledProcessError):
            names = list(self._walk())
        return sorted(name for name in set(names) if (self.root / name).is_file())

    def _walk(self):
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders if not name.startswith(".") and name not in ("build", "out")]
            for name in names:
                yield str((pathlib.Path(folder) / name).relative_to(self.root))

    @property
    def cxx_files(self):
        return [name for name in self.files if name.endswith(CXX_SUFFIXES)]

    @functools.lru_cache(maxsize=None)
    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def lines(self, name):
        return self.text(name).splitlines()

    def digest(self, *names, salt=""):
        sum_ = hashlib.sha256(salt.encode())
        for name in names:
            sum_.update(b"\0" + str(name).encode() + b"\0")
            path = self.root / name
            sum_.update(path.read_bytes() if path.is_file() else b"missing")
        return sum_.hexdigest()

    def changed_files(self):
        """Files that differ from where this branch left its upstream; without one, from the last commit."""
        base = "HEAD"
        upstream = self._git("merge-base", "HEAD", "@{upstream}")
        if upstream:
            base = upstream[0]
        return set(self._git("diff", "--name-only", base)) | set(self._git("ls-files", "--others", "--exclude-standard"))

    def _git(self, *arguments):
        run = subprocess.run(["git", "-C", str(self.root), *arguments], capture_output=True, text=True)
        return run.stdout.split("\n")[:-1] if run.returncode == 0 else []
