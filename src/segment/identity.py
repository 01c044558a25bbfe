"""Names of persons: one way to write them, and when two are the same person's."""

from __future__ import annotations

import unicodedata

from segment.exceptions import IdentityError
from segment.messages import Message

FROM_ENVIRONMENT = " (from environment)"
"""Stands behind a name that no system vouches for: an environment variable or an option said it."""

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Marks and fillers that draw nothing though Unicode does not call them control or format (Default_Ignorable)
_DRAWS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
# Characters that look like small Latin letters, after case folding (Unicode TR 39, confusables)
_LOOK_ALIKE = str.maketrans(
    "авекмнопрстухіјѕԁԛԝһӏүαβγεηικνορτυχωϲϳⲟⲣⲥհոսօցɡıᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑ01|",
    "abekmhonpctyxijsdqwhlyabyenikvoptuxwcjopchnuoggiabcdefghijklmnoprstuvwyzaoll",
)
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU")


def checked_name(given: str) -> str:
    """Write a person's name in one way, and refuse one that could be taken for another's."""
    name = " ".join(unicodedata.normalize("NFKC", given).split())
    scripts = {script for letter in name if (script := _script(letter)) in _ALIKE}
    faults = {
        Message("errors.name.empty"): not name,
        Message("errors.name.unseen"): any(map(_is_invisible, given + name)),
        Message("errors.name.mixed", {"scripts": " and ".join(sorted(map(str.title, scripts)))}): len(scripts) > 1,
    }
    broken = [fault for fault, so in faults.items() if so]
    if broken:
        raise IdentityError.of("errors.ambiguous_name", broken=broken)
    return name


def same_person(name: str | None, other: str | None) -> bool:
    """Say whether two names are written alike or look alike; an empty one is nobody's, and no other person's."""
    if not name or not other:
        return True
    return _folded(name) == _folded(other)


def _folded(name: str) -> str:
    bare = unicodedata.normalize("NFKC", name).replace(FROM_ENVIRONMENT, "")
    seen = "".join(letter for letter in bare if not _is_invisible(letter) or letter.isspace())
    folded = unicodedata.normalize("NFKC", seen.casefold()).translate(_LOOK_ALIKE)
    return " ".join(folded.split())


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in _INVISIBLE or letter in _DRAWS_NOTHING


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0] if letter.isalpha() else ""
