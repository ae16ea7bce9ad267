#!/usr/bin/env python3
"""Makes the two fonts of the PDF from NanumGothic.ttf and NanumGothicBold.ttf (SIL Open Font License 1.1).

  python3 subset.py FOLDER    a folder with the two files, as Debian's package fonts-nanum has them; needs fonttools

What is left out are hinting and layout tables, which paper does not need, and characters that no report has. What is put
in are a backslash that is none of the won sign, as Korean fonts have it, and the eighths of a block that small histograms
are made of. A font that was changed may not keep its reserved name, hence "Weir Report".
"""
import gzip
import io
import sys

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1A0, 0x1B0), (0x218, 0x21B), (0x2C6, 0x2DD),
    (0x370, 0x3FF), (0x400, 0x45F), (0x490, 0x491), (0x1E80, 0x1E85), (0x1EA0, 0x1EF9), (0x2000, 0x206F), (0x2070, 0x209F),
    (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF),
    (0x2500, 0x257F), (0x2580, 0x259F), (0x25A0, 0x25FF), (0x2600, 0x266F), (0x3000, 0x303F), (0x3040, 0x30FF),
    (0x3131, 0x318E), (0x3200, 0x32FF), (0x3380, 0x33FF), (0xAC00, 0xD7A3), (0xFF00, 0xFFEE),
]
HANJA = [(0x4E00, 0x9FFF)]
DROP = "GSUB GPOS GDEF kern vhea vmtx BASE DSIG LTSH VDMX hdmx gasp cvt fpgm prep mort morx PCLT TSI0 TSI1 TSI2 TSI3 TSI5 FFTM".split()


def put(font, code, name, glyph, advance):
    """Adds a glyph for a character, in place of what stood there."""
    font.setGlyphOrder(font.getGlyphOrder() + [name])
    font["glyf"][name] = glyph
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format == 4:
            table.cmap[code] = name


def draw(font):
    """Draws what the font lacks."""
    glyphs, slash = font.getGlyphSet(), font.getBestCmap()[0x2F]
    advance = font["hmtx"][slash][0]
    pen = TTGlyphPen(None)
    glyphs[slash].draw(TransformPen(pen, (-1, 0, 0, 1, advance, 0)))
    put(font, 0x5C, "backslash.weir", pen.glyph(), advance)
    em = font["head"].unitsPerEm
    pen, wide, dot = TTGlyphPen(None), em * 45 // 100, em // 16  # nothing, beside eighths: as wide as they are
    for i, point in enumerate([(0, 0), (0, dot), (dot, dot), (dot, 0)]):
        (pen.moveTo if i == 0 else pen.lineTo)((point[0] + (wide - dot) // 2, point[1]))
    pen.closePath()
    put(font, 0x2024, "nothing.weir", pen.glyph(), wide)
    for n in range(1, 9):
        pen, wide, high = TTGlyphPen(None), em * 45 // 100, em * 8 // 10 * n // 8
        for i, point in enumerate([(0, 0), (0, high), (wide - em // 50, high), (wide - em // 50, 0)]):
            (pen.moveTo if i == 0 else pen.lineTo)(point)
        pen.closePath()
        put(font, 0x2580 + n, "eighths%d.weir" % n, pen.glyph(), wide)


def make(source, target, style, ranges):
    font = TTFont(source, recalcTimestamp=False)
    draw(font)
    there = font.getBestCmap()
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 13, 14]
    options.drop_tables += DROP + ["cvt "]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[c for a, b in ranges for c in range(a, b + 1) if c in there])
    worker.subset(font)
    for number, text in ((1, "Weir Report"), (2, style), (4, "Weir Report " + style), (6, "WeirReport-" + style)):
        font["name"].setName(text, number, 3, 1, 0x409)
    out = io.BytesIO()
    font.save(out)
    with open(target, "wb") as f, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=f, mtime=0) as z:
        z.write(out.getvalue())


folder = sys.argv[1]
make(folder + "/NanumGothic.ttf", "regular.ttf.gz", "Regular", RANGES + HANJA)
make(folder + "/NanumGothicBold.ttf", "bold.ttf.gz", "Bold", RANGES)
