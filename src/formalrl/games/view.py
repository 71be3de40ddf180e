# ruff: noqa: E501
"""A self-contained page that draws a board and steps through playouts."""

import html
import json

from .embedded.program import Game

COLORS = ("#b8b8b8", "#f4f1e8", "#2b2b2b", "#8a5a2b")
"""Neutral, first player, second player, shared."""

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>TITLE</title><style>
body{font:16px system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;background:#fafaf7;color:#222}
svg{width:100%;max-height:70vh;background:#e8dcc3;border-radius:8px}button,select{font:inherit;margin-right:.4rem}
pre{white-space:pre-wrap;background:#eee;padding:.6rem;border-radius:6px;font-size:.8rem}input{width:100%}
</style></head><body><h1>TITLE</h1><svg id="b" viewBox="VIEW" role="img" aria-label="board"></svg>
<p id="t"></p><input id="r" type="range" min="0" value="0" aria-label="move">
<p><select id="g" aria-label="playout"></select><button id="p">&#9664;</button><button id="a">play</button>
<button id="n">&#9654;</button></p><details><summary>rules</summary><pre>RULES</pre></details><script>
const D=DATA;const s=document.getElementById('b'),r=document.getElementById('r'),g=document.getElementById('g');
let timer=0;D.replays.forEach((_,i)=>g.add(new Option('playout '+(i+1),i)));
function draw(){const f=D.replays[g.value][r.value];let h=D.edges.map(e=>'<line x1="'+e[0]+'" y1="'+e[1]+'" x2="'+e[2]+'" y2="'+e[3]
+'" stroke="#8d7b5c" stroke-width="'+D.unit*.03+'"/>').join('');
f.forEach((v,i)=>{const p=D.points[i],k=Math.floor(v/1000),c=v%1000;
h+='<circle cx="'+p[0]+'" cy="'+p[1]+'" r="'+D.unit*(k?.36:.06)+'" fill="'+(k?D.colors[k]:'#8d7b5c')+'" stroke="#555" stroke-width="'+D.unit*.02+'"/>';
if(k)h+='<text x="'+p[0]+'" y="'+(p[1]+D.unit*.13)+'" font-size="'+D.unit*.36+'" text-anchor="middle" fill="'+D.inks[k]+'">'+(c||D.letters[k])+'</text>';});
s.innerHTML=h;document.getElementById('t').textContent=D.captions[g.value][r.value];}
function load(){r.max=D.replays[g.value].length-1;r.value=0;draw();}
function step(d){r.value=+r.value+d;draw();}
r.oninput=draw;g.onchange=load;document.getElementById('p').onclick=()=>step(-1);document.getElementById('n').onclick=()=>step(1);
document.getElementById('a').onclick=()=>{if(timer){clearInterval(timer);timer=0;}else timer=setInterval(()=>{step(1);if(+r.value>=+r.max){clearInterval(timer);timer=0;}},400);};
load();</script></body></html>
"""


def page(game: Game, replays: list[list[list[int]]], captions: list[list[str]]) -> str:
    """Return the page.

    Args:
        game: The game.
        replays: For each playout, for each position, 1000 * component + count of every site.
        captions: For each playout, the line under every position.
    """
    topology = game.equipment.topology
    vertices = topology.graph.points
    unit, view = _view(game)
    components = game.equipment.components
    data = {
        "points": [[round(x, 3), round(-y, 3)] for x, y in topology.points],
        "edges": [
            [round(v, 3) for v in (vertices[a][0], -vertices[a][1], vertices[b][0], -vertices[b][1])]
            for a, b in topology.graph.edges
        ],
        "unit": round(unit, 3),
        "colors": [COLORS[k.owner] for k in components],
        "inks": ["#eee" if k.owner in (2, 3) else "#222" for k in components],
        "letters": [k.base[:1] for k in components],
        "replays": replays,
        "captions": captions,
    }
    text = json.dumps(data, separators=(",", ":")).replace("</", "<\\/")
    title = html.escape(game.name)
    out = _PAGE.replace("TITLE", title).replace("VIEW", " ".join(f"{v:.3f}" for v in view))
    return out.replace("RULES", html.escape(game.text)).replace("DATA", text)


def picture(game: Game, frame: list[int]) -> str:
    """Return a board as SVG.

    Args:
        game: The game.
        frame: 1000 * component + count of every site.
    """
    topology = game.equipment.topology
    vertices = topology.graph.points
    unit, view = _view(game)
    box = " ".join(f"{v:.3f}" for v in view)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="320" role="img">']
    out.append(
        f'<rect x="{view[0]:.3f}" y="{view[1]:.3f}" width="{view[2]:.3f}" height="{view[3]:.3f}" fill="#e8dcc3"/>'
    )
    for a, b in topology.graph.edges:
        (x1, y1), (x2, y2) = vertices[a], vertices[b]
        line = f'x1="{x1:.3f}" y1="{-y1:.3f}" x2="{x2:.3f}" y2="{-y2:.3f}"'
        out.append(f'<line {line} stroke="#8d7b5c" stroke-width="{unit * 0.03:.3f}"/>')
    for (x, y), value in zip(topology.points, frame, strict=True):
        out += _drawn(game, x, -y, unit, *divmod(value, 1000))
    return "\n".join([*out, "</svg>", ""])


def _drawn(game: Game, x: float, y: float, unit: float, kind: int, count: int) -> list[str]:
    """A site with its piece."""
    component = game.equipment.components[kind]
    fill, radius = (COLORS[component.owner], 0.36) if kind else ("#8d7b5c", 0.06)
    edge = f'stroke="#555" stroke-width="{unit * 0.02:.3f}"'
    out = [f'<circle cx="{x:.3f}" cy="{y:.3f}" r="{unit * radius:.3f}" fill="{fill}" {edge}/>']
    if kind:
        ink = "#eee" if component.owner in (2, 3) else "#222"
        place = f'x="{x:.3f}" y="{y + unit * 0.13:.3f}" font-size="{unit * 0.36:.3f}"'
        letter = html.escape(str(count or component.base[:1]))
        out.append(f'<text {place} text-anchor="middle" fill="{ink}">{letter}</text>')
    return out


def _view(game: Game) -> tuple[float, tuple[float, float, float, float]]:
    """The size of a site, and the part of the plane that is shown (x, y, width, height; y downwards)."""
    vertices = game.equipment.topology.graph.points
    xs, ys = [p[0] for p in vertices], [p[1] for p in vertices]
    unit = _unit(game.equipment.topology.points)
    return unit, (min(xs) - unit, -max(ys) - unit, max(xs) - min(xs) + 2 * unit, max(ys) - min(ys) + 2 * unit)


def _unit(points: list[tuple[float, float]]) -> float:
    near = [
        min((abs(x - a) + abs(y - b) for j, (a, b) in enumerate(points) if j != i), default=1.0)
        for i, (x, y) in enumerate(points)
    ]
    return max(min(near, default=1.0), 0.1)
