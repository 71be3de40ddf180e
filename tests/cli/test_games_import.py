from rich.console import Console

from formalrl.cli import games_import


def test_without_a_terminal_a_few_lines_tell_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(games_import, "progress", lambda: Console(stderr=True, highlight=False))
    with games_import.show_import() as show:
        for number in range(1, 101):
            show(number, 100, "lud/[a].lud: it is no game" if number == 50 else "")
    lines = capsys.readouterr().err.splitlines()
    assert lines.count("left out lud/[a].lud: it is no game") == 1
    assert [line for line in lines if "expanded" in line] == [f"expanded {n} of 100 games" for n in range(20, 101, 20)]


def test_on_a_terminal_failures_stay_above_the_bar(monkeypatch, capsys):
    console = Console(stderr=True, force_terminal=True, width=100)
    monkeypatch.setattr(games_import, "progress", lambda: console)
    with games_import.show_import() as show:
        show(1, 2, "")
        show(2, 2, "lud/a.lud: it is no game")
    assert "left out lud/a.lud: it is no game" in capsys.readouterr().err
