from formalrl.games.embedded.gen_charges import charged
from formalrl.games.embedded.runtime import MOST_MOVES


def test_a_loop_whose_rounds_may_be_long_is_checked_before_it_begins():
    lines = ["for s in f1(c):", "    c.site = s", "    m2(c, out, th)", "c.site = o"]
    bound = f"    if len(out) > {MOST_MOVES}: too_many()"
    assert charged(lines) == ["for s in counted(c, f1(c)):", *lines[1:3], bound, lines[3]]


def test_a_loop_over_the_board_is_charged_by_its_size():
    assert charged(["for s in range(64):", "    m1(c, out, th)"])[0] == "spend(c, 64)"
    assert charged(["for s in range(64):", "    x[s] = 1"])[0] == "c.work += 64"


def test_a_short_loop_without_calls_is_free():
    lines = ["for t in T1[f]:", "    if at(c.what, t): out.append(t)"]
    assert charged(lines) == lines


def test_what_stands_after_a_loop_is_not_part_of_it():
    lines = ["for t in T1[f]:", "    x = t", "y = f1(c)"]
    assert charged(lines) == lines


def test_loops_in_loops_are_each_charged():
    lines = ["for ray in R1[f]:", "    for k, t in enumerate(ray, 1):", "        m1(c, out, th)"]
    assert charged(lines) == [
        "for ray in counted(c, R1[f]):",
        "    for k, t in enumerate(counted(c, ray), 1):",
        "        m1(c, out, th)",
        f"        if len(out) > {MOST_MOVES}: too_many()",
    ]


def test_groups_charge_themselves():
    lines = ["for found in groups(c, n1, None):", "    x = f1(c)"]
    assert charged(lines) == lines


def test_a_long_function_is_charged_by_its_length():
    assert charged(["x" * 199]) == ["x" * 199]
    assert charged(["x" * 400, "y" * 400])[0] == "c.work += 20"
    assert charged(["x" * 2000])[0] == "spend(c, 50)"


def test_moves_made_for_many_sites_are_charged():
    lines = ["for t in empty(c, 9):", "    out.append((t, t, (), th))"]
    assert charged(lines)[0] == "for t in made_for(c, empty(c, 9)):"


def test_a_list_of_moves_that_loops_fill_is_bounded():
    lines = ["m1(c, out, th)", "for s in T1[f]:", "    m2(c, out, th)"]
    assert charged(lines) == [
        "m1(c, out, th)",
        "for s in counted(c, T1[f]):",
        "    m2(c, out, th)",
        f"    if len(out) > {MOST_MOVES}: too_many()",
    ]
