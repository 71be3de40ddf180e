"""A worker without Java and a jar without Ludii."""

import functools
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formalrl.games.ludii import engine as engine_module
from formalrl.games.ludii.client import Client
from formalrl.games.ludii.engine import LudiiEngine
from formalrl.games.ludii.find import CLASSES, Installation

FAKE = """
import json, sys; sys.path[:] = json.loads(sys.argv[1])
import os, time
from formalrl.games.ludii import worker

class Fake:
    def __init__(self, jvm, jar):
        if jar == "broken":
            raise RuntimeError("no such class")
        if jar == "mute":
            os._exit("no runtime" and print("the runtime is torn", file=sys.stderr) or 1)

    def answer(self, request):
        text = request["text"]
        if "hang" in text:
            time.sleep(1000)
        if "full" in text:
            raise worker.OutOfMemory
        if "die once " in text and not os.path.exists(text.split("die once ")[1]):
            open(text.split("die once ")[1], "w").close()
            os._exit(3)
        if "die always" in text:
            raise ZeroDivisionError("a bug")
        if "wrong" in text:
            return {"errors": ["Couldn't find token 'wrong'."]}
        if request["do"] == "expand":
            return {"text": text.upper()}
        if request["do"] == "compile":
            return {"name": text, "sites": 9, "players": 2}
        return {"status": "ok", "playouts": 1, "wins": [1, 0], "moves": os.getpid(), "message": text}

worker.Bridge = Fake
worker.main(*map(int, sys.argv[2:5]), *sys.argv[5:7])
"""
"""The program of a worker process whose texts say what happens to it."""


@pytest.fixture
def fake_program() -> str:
    return FAKE


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LudiiEngine]]:
    """`fake_engine(workers=2)` -> an engine with workers that run no Java."""
    engines: list[LudiiEngine] = []
    monkeypatch.setattr(engine_module, "find", lambda jar: Installation(Path("fake"), "1.3.12", Path("fake")))
    monkeypatch.setattr(engine_module, "Client", functools.partial(Client, program=FAKE))

    def build(**settings: int) -> LudiiEngine:
        engines.append(LudiiEngine(**settings))
        return engines[-1]

    yield build
    for engine in engines:
        engine.close()


@pytest.fixture
def class_file() -> Callable[..., bytes]:
    """`class_file(LUDEME_VERSION="1.2.3")` -> a compiled class with these constants, after a long one."""

    def utf8(text: str) -> bytes:
        return b"\x01" + struct.pack(">H", len(text)) + text.encode()

    def build(**constants: str) -> bytes:
        pool = [utf8("ConstantValue"), utf8("Ljava/lang/String;"), utf8("Main"), b"\x07\x00\x03"]
        pool += [b"\x05" + bytes(8), b""]  # a long takes two places
        fields = b""
        for name, value in constants.items():
            at = len(pool)
            pool += [utf8(name), utf8(value), b"\x08" + struct.pack(">H", at + 2)]
            fields += struct.pack(">4H", 0x19, at + 1, 2, 1) + struct.pack(">HIH", 1, 2, at + 3)
        head = b"\xca\xfe\xba\xbe" + struct.pack(">3H", 0, 52, len(pool) + 1)
        return head + b"".join(pool) + struct.pack(">5H", 0x21, 4, 0, 0, len(constants)) + fields + bytes(4)

    return build


@pytest.fixture
def fake_jar(tmp_path: Path, class_file: Callable[..., bytes]) -> Callable[..., Path]:
    """`fake_jar("1.3.12", {"lud/a.lud": "..."})` -> a file with the names of Ludii's classes."""

    def build(version: str = "1.3.12", entries: dict[str, str] | None = None, leave_out: str = "") -> Path:
        path = tmp_path / "Fake.jar"
        with zipfile.ZipFile(path, "w") as archive:
            for name in CLASSES:
                if name != leave_out:
                    archive.writestr(name, class_file(LUDEME_VERSION=version) if "Constants" in name else b"")
            for name, text in (entries or {}).items():
                archive.writestr(name, text)
        return path

    return build
