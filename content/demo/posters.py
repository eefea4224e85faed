"""Pictures drawn by code: posters without words in the colours of the house, and a plan of the eastern community."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

INK, PAPER, LINE, CARD = "#1d2730", "#fbfaf6", "#dedad0", "#ffffff"
SEAL, JADE, AMBER, INDIGO, MUTED = "#b3342a", "#23695a", "#8a5a00", "#2f4b7c", "#55616b"
SAND, MIST, LEAF, BLUSH = "#f0e6d0", "#dfe6ef", "#d5e5df", "#f3dcd6"
WIDTH, HEIGHT, SCALE = 900, 1200, 2  # drawn twice as large, so that edges are soft

Box = tuple[float, float, float, float]


class _Sheet:
    """A sheet to draw on, in units of the finished picture.

    After ``zoom`` what is drawn is made smaller around the middle of the sheet, where lists show a piece of it.
    """

    def __init__(self, ground: str, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.size = (width, height)
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)
        self.zoom()

    def zoom(self, factor: float = 1, middle: float = 0) -> None:
        """Draw ``factor`` times as large, with the height ``middle`` in the middle; without values as it is."""
        self._factor = factor
        width, height = self.size
        self._shift = ((1 - factor) * width / 2, height / 2 - factor * middle) if middle else (0, 0)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return ((x * self._factor + self._shift[0]) * SCALE, (y * self._factor + self._shift[1]) * SCALE)

    def _box(self, box: Box) -> tuple[float, float, float, float]:
        return (*self._at(*box[:2]), *self._at(*box[2:]))

    def rect(self, box: Box, fill: str, corner: float = 0) -> None:
        self._draw.rounded_rectangle(self._box(box), corner * SCALE * self._factor, fill)

    def oval(self, box: Box, fill: str) -> None:
        self._draw.ellipse(self._box(box), fill)

    def disc(self, x: float, y: float, r: float, fill: str) -> None:
        self.oval((x - r, y - r, x + r, y + r), fill)

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        self._draw.polygon([self._at(x, y) for x, y in points], fill)

    def line(self, points: Sequence[tuple[float, float]], fill: str, width: float) -> None:
        thick = round(width * SCALE * self._factor)
        self._draw.line([self._at(x, y) for x, y in points], fill, thick, joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, fill)

    def slice(self, box: Box, start: float, end: float, fill: str) -> None:
        self._draw.pieslice(self._box(box), start, end, fill)

    def png(self) -> bytes:
        """The finished picture."""
        small = self._image.resize(self.size, Image.Resampling.LANCZOS)
        target = io.BytesIO()
        small.quantize(128).save(target, "PNG", optimize=False)
        return target.getvalue()


def _frame(sheet: _Sheet, colour: str) -> None:
    """What all posters share: a band at the foot, a hairline above it and the seal in its corner."""
    sheet.rect((0, 1060, WIDTH, HEIGHT), colour)
    sheet.rect((60, 1024, WIDTH - 60, 1027), LINE)
    sheet.rect((740, 1090, 820, 1170), SEAL if colour != SEAL else PAPER, 10)
    sheet.rect((756, 1106, 804, 1154), PAPER if colour != SEAL else SEAL, 4)


def _market(sheet: _Sheet) -> None:
    for n, colour in enumerate((SEAL, JADE, AMBER)):
        left, top = 80 + n * 260, 380 + (n % 2) * 70
        for stripe in range(4):
            x = left + stripe * 55
            fill = colour if stripe % 2 == 0 else CARD
            sheet.rect((x, top, x + 55, top + 110), fill)
            sheet.slice((x, top + 82, x + 55, top + 138), 0, 180, fill)
        sheet.rect((left + 10, top + 120, left + 20, top + 470), INK)
        sheet.rect((left + 200, top + 120, left + 210, top + 470), INK)
        sheet.rect((left - 5, top + 320, left + 225, top + 350), INK, 6)
        for at, fill in enumerate((BLUSH, SAND, LEAF)):
            sheet.disc(left + 45 + at * 65, top + 300, 24, fill)


def _heart(sheet: _Sheet) -> None:
    sheet.disc(345, 480, 165, SEAL)
    sheet.disc(555, 480, 165, SEAL)
    sheet.shape([(217, 584), (683, 584), (450, 850)], SEAL)
    sheet.disc(450, 560, 120, SEAL)
    beat = [(150, 590), (330, 590), (375, 500), (440, 690), (500, 540), (535, 590), (750, 590)]
    sheet.line(beat, PAPER, 16)


def _book(sheet: _Sheet) -> None:
    sheet.shape([(130, 560), (450, 640), (450, 930), (130, 850)], CARD)
    sheet.shape([(770, 560), (450, 640), (450, 930), (770, 850)], SAND)
    for n in range(4):
        y = 640 + n * 52
        sheet.line([(180, y - 8), (405, y + 48)], INDIGO, 7)
        sheet.line([(720, y - 8), (495, y + 48)], INDIGO, 7)
    sheet.line([(450, 640), (450, 930)], INK, 8)
    for x, y, r in ((450, 330, 70), (270, 420, 42), (630, 420, 42)):
        _star(sheet, x, y, r, AMBER)


def _star(sheet: _Sheet, x: float, y: float, r: float, fill: str) -> None:
    points = []
    for n in range(10):
        reach, angle = (r if n % 2 == 0 else r * 0.42), math.pi * n / 5 - math.pi / 2
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    sheet.shape(points, fill)


def _flame(sheet: _Sheet) -> None:
    for scale, fill in ((1.0, SEAL), (0.62, AMBER), (0.32, SAND)):
        r = 210 * scale
        bottom = 900 - (1 - scale) * 60
        sheet.disc(450, bottom - r, r, fill)
        sheet.shape(
            [
                (450 - r * 0.98, bottom - r * 1.2),
                (450 + r * 0.98, bottom - r * 1.2),
                (450 + r * 0.2, bottom - r * 2.7),
            ],
            fill,
        )
    sheet.disc(640, 330, 62, INDIGO)
    sheet.shape([(582, 310), (698, 310), (640, 190)], INDIGO)


def _bowls(sheet: _Sheet) -> None:
    for n in range(3):
        x = 360 + n * 90
        wave = [(x + 16 * math.sin(step / 2), 470 - step * 14) for step in range(14)]
        sheet.line(wave, MUTED, 9)
    sheet.slice((270, 380, 630, 740), 0, 180, SEAL)
    sheet.oval((270, 530, 630, 590), AMBER)
    for x, y, fill in ((170, 700, JADE), (730, 700, JADE), (300, 850, INDIGO), (600, 850, INDIGO)):
        sheet.slice((x - 95, y - 95, x + 95, y + 95), 0, 180, fill)
        sheet.oval((x - 95, y - 22, x + 95, y + 22), CARD)
        sheet.rect((x - 35, y + 86, x + 35, y + 104), fill, 4)


def _sun(sheet: _Sheet) -> None:
    sheet.disc(470, 480, 170, SEAL)
    sheet.shape([(0, 800), (280, 520), (620, 800)], JADE)
    sheet.shape([(330, 800), (650, 580), (900, 760), (900, 800)], "#3d8474")
    sheet.rect((0, 780, WIDTH, 1010), MIST)
    for n in range(4):
        sheet.line([(180 + n * 70, 830 + n * 42), (640 - n * 30, 830 + n * 42)], INDIGO, 7)


def _steps(sheet: _Sheet) -> None:
    sheet.rect((444, 300, 456, 480), INK)
    sheet.shape([(360, 580), (540, 580), (490, 470), (410, 470)], AMBER)
    sheet.shape([(365, 590), (535, 590), (640, 900), (260, 900)], SAND)
    for flip in (1, -1):
        x = 450 - flip * 230
        sheet.rect((min(x, x + flip * -26), 590, max(x, x + flip * -26), 900), INDIGO, 8)
        sheet.rect((min(x, x + flip * 150), 740, max(x, x + flip * 150), 768), INDIGO, 8)
        leg = x + flip * 136
        sheet.rect((min(leg, leg + flip * 14), 760, max(leg, leg + flip * 14), 900), INDIGO)
    sheet.rect((120, 900, 780, 912), INK)


def _doors(sheet: _Sheet) -> None:
    for n, fill in enumerate((INDIGO, SAND, JADE)):
        left = 130 + n * 230
        sheet.rect((left, 360, left + 180, 800), fill, 6)
        if n != 1:
            sheet.disc(left + 152, 590, 11, PAPER)
    sheet.shape([(360, 360), (300, 400), (300, 850), (360, 800)], SEAL)
    for n in range(3):
        sheet.shape(
            [
                (350 - n * 40, 810 + n * 50),
                (550 + n * 40, 810 + n * 50),
                (570 + n * 40, 850 + n * 50),
                (330 - n * 40, 850 + n * 50),
            ],
            (AMBER, "#c79a45", SAND)[n],
        )


def _moon(sheet: _Sheet) -> None:
    sheet.disc(690, 320, 105, SAND)
    sheet.disc(645, 295, 95, INDIGO)
    for x, y in ((150, 260), (300, 190), (480, 300), (820, 520), (90, 480)):
        sheet.disc(x, y, 6, PAPER)
    sheet.rect((170, 440, 730, 760), PAPER, 8)
    sheet.disc(590, 545, 52, AMBER)
    sheet.shape([(185, 748), (370, 540), (560, 748)], JADE)
    sheet.shape([(420, 748), (570, 620), (715, 748)], "#3d8474")
    for row in range(2):
        for n in range(6 - row):
            x = 150 + row * 50 + n * 104
            y = 850 + row * 80
            sheet.rect((x, y, x + 76, y + 16), AMBER, 4)
            sheet.rect((x + 8, y + 14, x + 18, y + 50), AMBER)
            sheet.rect((x + 58, y + 14, x + 68, y + 50), AMBER)


# Motif → (ground, colour of the foot, what draws it, zoom, the height that is its middle).
_MOTIFS: dict[str, tuple[str, str, Callable[[_Sheet], None], float, float]] = {
    "market": (SAND, JADE, _market, 0.9, 650),
    "heart": (BLUSH, INK, _heart, 0.9, 585),
    "book": (LEAF, INDIGO, _book, 0.76, 595),
    "flame": (PAPER, INK, _flame, 0.7, 545),
    "bowls": (SAND, SEAL, _bowls, 0.74, 614),
    "sun": (SAND, JADE, _sun, 1, 0),
    "steps": (MIST, INDIGO, _steps, 0.82, 606),
    "doors": (PAPER, JADE, _doors, 0.8, 670),
    "moon": (INDIGO, INK, _moon, 1, 0),
}
MOTIFS = tuple(_MOTIFS)


def poster(motif: str) -> bytes:
    """A poster as PNG, 900 × 1200; always the same for the same motif."""
    ground, foot, draw, factor, middle = _MOTIFS[motif]
    sheet = _Sheet(ground)
    sheet.zoom(factor, middle)
    draw(sheet)
    sheet.zoom()
    _frame(sheet, foot)
    return sheet.png()


def plan() -> bytes:
    """A plan of the eastern community as PNG: eight buildings, the garden, the old refuse point and the new one."""
    sheet = _Sheet(PAPER, 960, 600)
    sheet.rect((20, 20, 940, 580), LEAF, 16)
    sheet.rect((20, 270, 940, 330), SAND)
    sheet.rect((450, 20, 510, 580), SAND)
    for n in range(8):
        left = 70 + (n % 4) * 95 + (n % 4 // 2) * 40 + (n % 4) * 115
        top = 80 if n < 4 else 400
        sheet.rect((left, top, left + 130, top + 120), CARD, 6)
        for dot in range(n + 1):  # as many dots as the building's number
            sheet.disc(left + 22 + (dot % 4) * 28, top + 45 + (dot // 4) * 32, 8, MUTED)
    sheet.disc(480, 300, 62, JADE)
    sheet.disc(480, 300, 34, LEAF)
    sheet.disc(52, 230, 20, LINE)
    sheet.line([(38, 216), (66, 244)], MUTED, 6)
    sheet.line([(38, 244), (66, 216)], MUTED, 6)
    sheet.disc(135, 366, 24, SEAL)
    sheet.disc(135, 366, 10, PAPER)
    sheet.line([(60, 260), (100, 330)], SEAL, 5)
    sheet.shape([(84, 322), (112, 318), (108, 346)], SEAL)
    return sheet.png()
