#!/usr/bin/env python3
"""Proves that what a disk refuses costs nothing but the file concerned, and is told in one message.

Two runs at once, a full disk (by a limit on the size of files where no small file system can be
mounted), a read-only file, a read-only folder, a symbolic link out of the folder, and a manifest
with nonsense in it: in each case the exit status, one error that names the path, and the files that
people edited, byte for byte.
"""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from common import binary, conclude, real_pages

EDITED = "trojan-ec2-droppoint.md"
TARGET = "backdoor-ec2-spambot.md"


def run(outdir, *arguments, limit=None, user=None):
    """Runs the program; gives status and what it said."""
    def prepare():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            # A write past the limit is then an error instead of the end of the process.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if user is not None:
            os.setgid(user)
            os.setuid(user)
    done = subprocess.run([binary(), *arguments, "--outdir", outdir], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, preexec_fn=prepare, restore_signals=False)
    return done.returncode, done.stderr


class Case:
    """A folder of runbooks in the state of 2024, one of them edited, and what went wrong with it."""

    failures = []

    def __init__(self, title):
        self.title = title

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = Path(self.scratch.name) / "runbooks"
        status, said = run(self.folder, "--source", real_pages("2024-11-html"))
        if status != 0:
            conclude([f"the first run exited {status}: {said[-2000:]}"])
        edited = self.folder / EDITED
        edited.write_text(edited.read_text("utf-8") + "\nOur own line.\n", "utf-8")
        self.edit = edited.read_bytes()
        return self

    def __exit__(self, *_):
        self.expect((self.folder / EDITED).read_bytes().endswith(b"\nOur own line.\n"),
                    "the edit is lost")
        torn = [path.name for path in self.folder.glob("*.md") if not path.read_bytes().endswith(b"\n")]
        self.expect(not torn, f"half-written: {torn}")
        self.scratch.cleanup()
        print(f"{self.title}: {'ok' if self.is_fine else 'FAILED'}")

    is_fine = True

    def expect(self, holds, otherwise):
        if not holds:
            self.is_fine = False
            Case.failures.append(f"{self.title}: {otherwise}")

    def update(self, status, *words, **how):
        """Runs an update that has to end with the status and to say the words."""
        ended, said = run(self.folder, "update", "--source", real_pages("2025-12-html"), **how)
        self.expect(ended == status, f"exit status {ended} instead of {status}: {said[-1500:]}")
        for word in words:
            self.expect(word in said, f"{word!r} is not said: {said[-1500:]}")
        self.expect("panicked" not in said, f"it panicked: {said[-1500:]}")
        return said


def two_runs_at_once():
    import fcntl
    with Case("two runs at once") as case:
        with open(case.folder / ".guardduty-runbooks" / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            said = case.update(4, "another run is at work in", str(case.folder), "hint:")
            case.expect(said.count("error:") == 1, f"more than one error: {said}")
        case.update(0)


def a_full_disk():
    with Case("a full disk") as case:
        said = case.update(4, "cannot write", str(case.folder), limit=2048)
        case.expect("hint:" in said, "no hint")
        case.update(0)


def a_read_only_file():
    with Case("a read-only file") as case:
        target = case.folder / "backdoor-runtime-c-cactivity-b.md"
        before = target.read_bytes()
        target.chmod(0o444)
        case.update(4, f"{target.name} is not written", "read-only", "chmod u+w")
        case.expect(target.read_bytes() == before, "the read-only file was changed")
        target.chmod(0o644)
        case.update(0)


def a_read_only_folder():
    nobody = 65534
    with Case("a read-only folder") as case:
        os.chmod(case.scratch.name, 0o755)
        for path in case.folder.rglob("*"):
            path.chmod(path.stat().st_mode & ~0o222)
        case.folder.chmod(0o555)
        case.update(4, "hint:", user=nobody if os.getuid() == 0 else None)
        for path in [case.folder, *case.folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        case.update(0)


def a_symbolic_link():
    with Case("a symbolic link") as case:
        outside = Path(case.scratch.name) / "outside.md"
        link = case.folder / "backdoor-runtime-c-cactivity-b.md"
        shutil.move(link, outside)
        before = outside.read_bytes()
        link.symlink_to(outside)
        case.update(4, f"{link.name} is not written", "symbolic link")
        case.expect(link.is_symlink() and outside.read_bytes() == before, "the link was written through")


def a_manifest_of_nonsense():
    with Case("a manifest of nonsense") as case:
        manifest = case.folder / ".guardduty-runbooks" / "manifest.json"
        good = manifest.read_bytes()
        manifest.write_text('{"format": 1, "runbooks": 7')
        case.update(4, str(manifest), "rebuil", "hint:")
        manifest.unlink()
        case.update(0)
        case.expect(manifest.is_file() and good[:20] == manifest.read_bytes()[:20], "not rebuilt")


def main():
    two_runs_at_once()
    a_full_disk()
    a_read_only_file()
    a_read_only_folder()
    a_symbolic_link()
    a_manifest_of_nonsense()
    conclude(Case.failures)


if __name__ == "__main__":
    main()
