"""Languages that go by many names: which variant belongs to which group, and how well an offer fits who asks.

Mixtec has 52 codes in ISO 639-3 and none for all of them; Zapotec has 58 and `zap`. Speakers of two variants may not
understand each other, so that the group is worth less than the variant, and more than nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

#: Codes of ISO 639-3 by group. A group's own name, and its collective codes, may be offered and asked for as well.
GROUPS: Final = {
    "mixtec": (
        "jmx mab mbz mce mdv meh mib mie mig mih mii mil mim mio mip mit miu mix miy miz mjc mks mpm mqh mtu mtx mvg mxa"
        " mxb mxs mxt mxv mxy mza vmc vmj vmm vmq vmx xta xtb xtd xti xtj xtl xtm xtn xtp xts xtt xtu xty"
    ),
    "zapotec": (
        "zap zaa zab zac zad zae zaf zai zam zao zaq zar zas zat zav zaw zax zca zcd zoo zpa zpb zpc zpd zpe zpf zpg zph"
        " zpi zpj zpk zpl zpm zpn zpo zpp zpq zpr zps zpt zpu zpv zpw zpx zpy zpz zsr zte ztg ztl ztm ztn ztp ztq zts ztt"
        " ztu ztx zty"
    ),
    "hmong": "hmn mww hnj",
    "triqui": "trc trq trs",
}
GROUP_OF: Final = {code: group for group, members in GROUPS.items() for code in (group, *members.split())}


class Fit(StrEnum):
    """How an offered language answers one that is asked for."""

    SAME = "SAME"
    GROUP = "GROUP"
    NONE = "NONE"


def fit(offered: str, wanted: str) -> Fit:
    """Both are codes of ISO 639-3, or names of groups."""
    if offered == wanted:
        return Fit.SAME
    group = GROUP_OF.get(wanted)
    return Fit.GROUP if group is not None and GROUP_OF.get(offered) == group else Fit.NONE
