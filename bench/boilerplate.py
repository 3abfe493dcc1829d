"""Notes with labels, given by path, to how well and how fast default texts are subtracted.

``python bench/boilerplate.py [NOTES.jsonl]``: recall and precision on the file's notes
(``text``, ``label``, ``doubt``), then notes a second on notes of its own. Reads and prints
figures and ids; may not print a note.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from triage.judge.boilerplate import DefaultTexts
from triage.judge.boilerplate_rules import BoilerplateText, parse_boilerplate

RULES = Path(__file__).parent.parent / "rules" / "boilerplate"
EXACT = (
    "I'd like to add you to my professional network on LinkedIn.",
    "Dave,\n\nI’d like to add you to my professional network on LinkedIn.\n\n- Marlene",
    "Hi Dave, I'd like to connect with you on LinkedIn.",
    "Ich würde Sie gerne zu meinem beruflichen Netzwerk auf LinkedIn hinzufügen.",
    "J'aimerais vous inviter à rejoindre mon réseau professionnel sur LinkedIn.",
    "Please confirm my friend request.",
    "Me gustaría añadirte a mi red profesional en LinkedIn.",
    "Я хотел бы добавить вас в свою профессиональную сеть на LinkedIn.",
)
ORDINARY = tuple(
    " ".join(note.split())
    for note in (
        """Hi Dave, we sat at the same table at the returns dinner in Tulsa last month and you
        told me how your team got rid of the second inspection. I tried it with our
        pallets and we save two days a week now. I would love to hear how you handle
        the carriers who refuse it. Coffee next time I am in town? Jo""",
        """Hello, my name is Kim and I help heads of returns cut their costs by thirty percent
        with our platform. I noticed your impressive profile and would love to connect
        and show you a short demo. We work with leading brands in your field. Are you
        free for fifteen minutes on Tuesday or Thursday? Best, Kim""",
        """Hallo Herr Fielding, wir haben uns auf der Messe in Hannover am Stand von Ole Brandt
        kurz gesehen, und Sie wollten wissen, wie wir die Rücksendungen aus der
        Schweiz verzollen. Ich habe die Unterlagen jetzt beisammen und schicke sie
        Ihnen gern, wenn Sie mir sagen, wohin. Viele Grüße, Marlene Brandt""",
    )
)


def load() -> tuple[BoilerplateText, ...]:
    """The shipped rules; a fault in them ends the run."""
    rules: list[BoilerplateText] = []
    for path in sorted(RULES.glob("*.toml")):
        found, faults = parse_boilerplate(path.name, path.read_text(encoding="utf-8"))
        if faults:
            raise SystemExit("\n".join(map(str, faults)))
        rules += found
    return tuple(rules)


def accuracy(defaults: DefaultTexts, path: Path) -> None:
    """Print how the notes of ``path`` fare, those without doubt apart from all."""
    notes = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    for title, chosen in (
        ("without doubt", [n for n in notes if not n.get("doubt")]),
        ("all", notes),
    ):
        taken = {note["id"] for note in chosen if not defaults.subtract(note["text"]).residue}
        wanted = {note["id"] for note in chosen if note["label"] == "boilerplate"}
        hits = len(taken & wanted)
        print(f"{title}: {len(chosen)} notes, {len(wanted)} boilerplate")
        print(f"  recall    {hits / max(1, len(wanted)):.3f}  missed: {sorted(wanted - taken)}")
        print(f"  precision {hits / max(1, len(taken)):.3f}  wrong:  {sorted(taken - wanted)}")


def speed(defaults: DefaultTexts, title: str, notes: tuple[str, ...], seconds: float = 1.5) -> None:
    """Print how many notes a second, on one core."""
    done, begun = 0, time.process_time()
    while time.process_time() - begun < seconds:
        for note in notes:
            defaults.subtract(note)
        done += len(notes)
    rate = done / (time.process_time() - begun)
    length = sum(map(len, notes)) // len(notes)
    print(f"{title}: {rate:,.0f} notes/s ({length} characters on average)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", nargs="?", type=Path, help="JSON Lines of text, label, doubt")
    arguments = parser.parse_args()
    begun = time.process_time()
    defaults = DefaultTexts(load())
    print(f"loading: {time.process_time() - begun:.2f} s")
    if arguments.notes:
        accuracy(defaults, arguments.notes)
    speed(defaults, "exact default texts", EXACT)
    speed(defaults, "ordinary notes", ORDINARY)


if __name__ == "__main__":
    main()
