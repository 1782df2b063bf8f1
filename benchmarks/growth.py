"""How the bot grows: load, learn and answer on invented knowledge of 1,000, 10,000 and 100,000 phrasings.

    python -m benchmarks.growth             all sizes
    python -m benchmarks.growth 1000        one size
    python -m benchmarks.growth 10000 neighbours    the other engine, whatever the size says

The knowledge is about things with invented names, forty ways to ask for each entry, and as always something that is not
covered. The held-out questions are made in the same way, so that they tell whether large knowledge is still told apart, and
nothing about what people type. Each part runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.assembly import assemble
from bot.authoring.scoring import evaluate
from bot.dialogue.turn import Utterance
from bot.knowledge.loader import load
from bot.knowledge.schema import HeldOutModel
from bot.matching import training
from bot.matching.model import FORMAT
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (1_000, 10_000, 100_000)
EACH = 40
"""Phrasings of an entry or a subject."""
ASKED = 400
"""Held-out questions; one in five is about what is not covered."""
# What can be asked of a thing: names of it | ways to ask for it.
ASPECTS = """
price, cost, charge | how much is X | what do i pay for X | is X expensive
delivery, shipping, dispatch | how long until X arrives | when do you send X | do you bring X to my door
warranty, guarantee, cover | what if X breaks in the first year | how long is X insured | who pays when X fails early
returns, refund, money back | can i send X back | i do not want X any more | how do i give X back
colours, shades, finish | which colours has X | is X there in blue | does X come in white
weight, heaviness, kilos | how heavy is X | can one person lift X | what does X weigh
size, dimensions, measurements | how big is X | will X fit on a shelf | how wide is X
power, consumption, watts | how much electricity does X use | what does X draw from the wall | is X economical
noise, loudness, decibels | how loud is X | will X wake the children | is X quiet at night
cleaning, washing, hygiene | how do i clean X | can X go into the dishwasher | what removes stains from X
repair, fixing, service | who repairs X | my X is broken | where do i bring a faulty X
spare parts, replacements, accessories | where do i get parts for X | which lid fits X | can i order a new handle for X
battery, charging, runtime | how long does X run on one charge | how do i charge X | does X need a cable
app, software, update | how do i connect X with my phone | is there a program for X | how do i update X
safety, dangers, hazards | is X safe for children | can X catch fire | does X switch off by itself
manual, instructions, guide | where is the booklet for X | how do i set up X | first steps with X
stock, availability, supply | is X sold out | when can i buy X again | do you have X right now
origin, maker, factory | where is X made | who builds X | which country is X from
discount, offer, voucher | is there money off X | when is X cheaper | student price of X
recycling, disposal, waste | how do i throw X away | do you take back an old X | what happens to a used X
"""
KINDS = "kettle lamp heater mixer grill fan drill pump radio scale toaster printer".split()  # noqa: SIM905
ABROAD = "insurance recipe song lawsuit holiday vaccine horoscope visa mortgage poem".split()  # noqa: SIM905
FRAMES = (
    "what is the N of X", "N of X", "X N", "N for X?", "tell me about the N of X", "i need to know the N of X", "question about X: N",
    "anything on N for X", "X, what about N", "can you explain N with X please", "whats with the N of X", "my friend asks about X and N",
)  # fmt: skip
BEFORE = ("hi, ", "so ", "sorry but ", "hello! ", "ok ", "just wondering, ", "urgent: ")
AFTER = (" please", " thanks", "?", " then", " exactly", " at all", "??", " these days", " asking for my mother")
SYLLABLES = "ba be bo da de di fa fi ga go ka ke ko la le lo ma me mi na ne no pa pe ra re ro sa se so ta te ti va ve vo za zo".split()  # noqa: SIM905


def main() -> None:
    """Print a block of lines for each size."""
    sizes = [int(sys.argv[1])] if len(sys.argv) > 1 else SIZES
    for size in sizes:
        with tempfile.TemporaryDirectory() as directory:
            home = Path(directory)
            _write(size, home)
            learned = _in_a_process("learn", home, *sys.argv[2:])
            answered = _in_a_process("answer", home)
        print(f"{size:,} phrasings, {size // EACH:,} entries: {learned['engine']}")
        print(f"  loading YAML      {learned['load']:7.1f} s    peak {learned['load_peak']:6,.0f} MB")
        print(f"  learning          {learned['seconds']:7.1f} s    peak {learned['peak']:6,.0f} MB    model file {learned['file']:.1f} MB")
        print(f"  start, all kept   {answered['start']:7.1f} s    of it YAML {answered['yaml']:.1f} s")
        print(f"  an answer         {answered['median']:7.2f} ms   p99 {answered['p99']:7.2f} ms")
        print(f"  answering holds   {answered['resident']:5,.0f} MB      peak since the start {answered['peak']:,.0f} MB")
        print(f"  covered           {answered['covered']}")
        print(f"  not covered       {answered['not covered']}", flush=True)


def _in_a_process(part: str, *arguments: object) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", part, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def learn(home: Path, engine: str = "") -> dict[str, object]:
    """Seconds and peak megabytes of loading and of learning, and the megabytes of the model file."""
    if engine:
        training.MOST_PHRASINGS = training.MOST_ENTRIES = 0 if engine == "neighbours" else 1 << 40
    begin = time.perf_counter()
    base = load(home / "faq.yaml")
    load_seconds, load_peak = time.perf_counter() - begin, _peak()
    begin = time.perf_counter()
    model = training.train(base)
    seconds = time.perf_counter() - begin
    peak = _peak()
    kept = home / "models" / f"{base.learning_key}-{FORMAT}.npz"
    model.save(kept)
    return {
        "load": load_seconds, "load_peak": load_peak, "seconds": seconds, "peak": peak, "file": kept.stat().st_size / 1e6,
        "engine": model.engine.name,
    }  # fmt: skip


def answer(home: Path) -> dict[str, object]:
    """Seconds of the start, milliseconds of an answer, megabytes, and what became of the held-out questions."""
    begin = time.perf_counter()
    load(home / "faq.yaml")
    yaml = time.perf_counter() - begin
    begin = time.perf_counter()
    bot = assemble(Settings(faq=home / "faq.yaml", data_dir=home))
    start = time.perf_counter() - begin
    questions = HeldOutModel.model_validate_json((home / "questions.json").read_text())
    times: list[float] = []
    for number, question in enumerate(questions.questions):
        begin = time.perf_counter()
        bot.conversations.respond(Utterance(question.ask), f"timed {number}")
        times.append((time.perf_counter() - begin) * 1000)
    gc.collect()
    shares = evaluate(questions, bot.assistant).shares()
    return {
        "start": start, "yaml": yaml, "median": float(np.median(times)), "p99": float(np.percentile(times, 99)),
        "resident": _resident(), "peak": _peak(), "covered": _told(shares["all"]), "not covered": _told(shares["not covered"]),
    }  # fmt: skip


def _told(shares: dict[str, float]) -> str:
    return "  ".join(f"{verdict} {share}" for verdict, share in shares.items())


def _write(size: int, home: Path) -> None:
    """The knowledge in files, and held-out questions about it, none of which is a phrasing."""
    entries = list(_entries(size // EACH))
    foreign = [
        (f"{thing} {KINDS[i % len(KINDS)]}", ABROAD[i % len(ABROAD)]) for i, thing in enumerate(_names(max(5, len(entries) // 25), 1))
    ]
    draw = random.Random(0)  # noqa: S311 - the same knowledge each time
    phrasings = {id_: _phrasings(draw, thing, *_aspect(number), EACH) for id_, thing, _, number in entries}
    outside = {f"other-{i}": _phrasings(draw, thing, [noun], [f"{noun} about X", f"i want a {noun} for X"], EACH)
               for i, (thing, noun) in enumerate(foreign)}  # fmt: skip
    half = EACH // 2  # in two files, because one may have 5 MB
    (home / "faq.yaml").write_text("\n".join(_faq(entries, {id_: group[:half] for id_, group in phrasings.items()})))
    (home / "phrasings.yaml").write_text("\n".join(f"{id_}: {json.dumps(group[half:])}" for id_, group in phrasings.items()))
    (home / "out_of_scope.yaml").write_text(
        "\n".join(f"{id_}: {{reply: We know nothing about that., phrasings: {json.dumps(group)}}}" for id_, group in outside.items())
    )
    (home / "social.yaml").write_text("greeting: {phrasings: [hello, good morning, hi there, hey], replies: [Hello.]}")
    taken = {text for group in (*phrasings.values(), *outside.values()) for text in group}
    asked: list[dict[str, str | list[str]]] = []
    while len(asked) < ASKED:
        if len(asked) % 5:
            id_, thing, _, number = draw.choice(entries)
            (text,) = _phrasings(draw, thing, *_aspect(number), 1)
            question: dict[str, str | list[str]] = {"ask": text, "expect": [id_], "kind": "plain"}
        else:
            thing, noun = draw.choice(foreign)
            (text,) = _phrasings(draw, thing, [noun], [f"{noun} about X", f"i want a {noun} for X"], 1)
            question = {"ask": text, "expect": "none", "kind": "plain"}
        if text not in taken:
            asked.append(question)
    (home / "questions.json").write_text(json.dumps({"questions": asked}))


def _faq(entries: list[tuple[str, str, str, int]], phrasings: dict[str, list[str]]) -> Iterator[str]:
    yield "version: 1\ntitle: A shop\ninclude: [phrasings.yaml, out_of_scope.yaml, social.yaml]"
    yield "sources: {book: {title: The book, publisher: The shop, headings: [All]}}"
    yield "facets: {kind: {values: {" + ", ".join(f"{kind}: [{kind}s]" for kind in KINDS) + "}, other: [[sofa, sofas], [carpet, carpets]]}}"
    yield "entries:"
    for id_, thing, kind, number in entries:
        noun = _aspect(number)[0][0]
        yield f"  - {{id: {id_}, question: What is the {noun} of the {thing}?, answer: The {noun} of the {thing} is known., heading: All,"
        yield f"     about: {{kind: {kind}}}, phrasings: {json.dumps(phrasings[id_])}}}"


def _entries(count: int) -> Iterator[tuple[str, str, str, int]]:
    """Id, thing, kind of thing, and number of the aspect, of so many entries: things with most of the aspects each."""
    aspects = len(ASPECTS.strip().split("\n"))
    for number, name in enumerate(_names(-(-count // aspects), 0)):
        kind = KINDS[number % len(KINDS)]
        for aspect in range(min(aspects, count - number * aspects)):
            yield f"{name}-{kind}-{aspect}", f"{name} {kind}", kind, aspect


def _names(count: int, seed: int) -> list[str]:
    """So many invented names, all different."""
    draw = random.Random(f"names {seed}")  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(draw.choices(SYLLABLES, k=draw.choice((2, 3, 3, 4)))) + "nrlxs"[seed % 5]] = None
    return list(found)


def _aspect(number: int) -> tuple[list[str], list[str]]:
    nouns, *asking = (part.strip() for part in ASPECTS.strip().split("\n")[number].split("|"))
    return nouns.split(", "), asking


def _phrasings(draw: random.Random, thing: str, nouns: list[str], asking: list[str], count: int) -> list[str]:
    """So many different ways to ask for something about a thing."""
    name = thing.split(maxsplit=1)[0]
    found: dict[str, None] = {}
    while len(found) < count:
        frame = draw.choice((*FRAMES, *asking, *asking, *asking))
        text = frame.replace("X", draw.choice((name, thing, f"the {thing}", f"your {name}"))).replace("N", draw.choice(nouns))
        found[_noisy(draw, text)] = None
    return list(found)


def _noisy(draw: random.Random, text: str) -> str:
    """The text with something before or behind it, a word left out, or two letters changed over, some of the time."""
    words = text.split()
    if len(words) > 4 and draw.random() < 0.2:  # noqa: PLR2004
        del words[draw.randrange(2)]
    if draw.random() < 0.15:  # noqa: PLR2004
        place = draw.randrange(len(words))
        cut = draw.randrange(max(1, len(words[place]) - 1))
        word = words[place]
        words[place] = word[:cut] + word[cut + 1 : cut + 2] + word[cut : cut + 1] + word[cut + 2 :]
    before = draw.choice(BEFORE) if draw.random() < 0.25 else ""  # noqa: PLR2004
    after = draw.choice(AFTER) if draw.random() < 0.4 else ""  # noqa: PLR2004
    return before + " ".join(words) + after


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _resident() -> float:
    """Megabytes held now; the peak where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20 if status.exists() else _peak()


if __name__ == "__main__":
    if sys.argv[1:2] in (["learn"], ["answer"]):
        print(json.dumps({"learn": learn, "answer": answer}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
    else:
        main()
