"""Probabilities and what came true to calibration: an error, a table, a picture.

May not judge; it is given pairs of (probability, came true). The picture needs
matplotlib, the rest nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

BINS = 10
Pairs = Iterable[tuple[float, bool]]


def rows(pairs: Pairs, bins: int = BINS) -> dict[int, list[tuple[float, bool]]]:
    """The pairs by equal bins of the probability."""
    found: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, true in pairs:
        found[min(int(chance * bins), bins - 1)].append((chance, true))
    return dict(sorted(found.items()))


def calibration_error(pairs: Pairs, bins: int = BINS) -> float:
    """Expected calibration error."""
    found = rows(pairs, bins).values()
    total = sum(map(len, found))
    gaps = (abs(sum(p for p, _ in row) - sum(t for _, t in row)) for row in found)
    return sum(gaps) / total if total else 0.0


def table(pairs: Pairs, bins: int = BINS) -> list[str]:
    """A line a bin: how many notes, what was said, what came true."""
    said = [f"{'probability':14}{'notes':>7}{'said':>8}{'true':>8}"]
    for at, row in rows(pairs, bins).items():
        chance = sum(p for p, _ in row) / len(row)
        true = sum(t for _, t in row) / len(row)
        said.append(
            f"{at / bins:.1f} to {(at + 1) / bins:.1f}    {len(row):7}{chance:8.2f}{true:8.2f}  "
            + "#" * round(30 * true)
        )
    return said


def drawn(pairs: Pairs, path: Path) -> str:
    """Draws the picture; returns what to say of it."""
    try:
        import matplotlib
    except ImportError:
        return "no picture: matplotlib is not installed"
    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = rows(pairs).values()
    said = [sum(p for p, _ in row) / len(row) for row in found]
    true = [sum(t for _, t in row) / len(row) for row in found]
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], "--", color="grey")
    axes.plot(said, true, "o-")
    for x, y, row in zip(said, true, found, strict=True):
        axes.annotate(str(len(row)), (x, y), textcoords="offset points", xytext=(6, -10))
    axes.set(xlabel="probability of personal", ylabel="share that is personal")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    return f"reliability drawn in {path}"
