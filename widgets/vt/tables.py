"""Which control function calls which method of the screen, as tables.

The sources are ECMA-48, the VT220-VT510 manuals and "xterm control sequences" (ctlseqs). A control
sequence is named by its private prefix, its intermediate characters and its final character.
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class Takes(Enum):
    """How a method wants the parameters."""

    NOTHING = "nothing"
    COUNT = "one number, at least 1"
    FIRST = "the first number, 0 when missing"
    PLACE = "two numbers, None when missing or 0"
    ALL = "a tuple of all numbers"


CONTROLS: Final[dict[str, str]] = {
    "\x07": "bell",
    "\x08": "backspace",
    "\t": "tab",
    "\n": "linefeed",
    "\x0b": "linefeed",
    "\x0c": "linefeed",
    "\r": "carriage_return",
    "\x0e": "shift_out",
    "\x0f": "shift_in",
    "\x7f": "delete",
}

ESCAPES: Final[dict[str, str]] = {
    "c": "reset",  # RIS
    "D": "index",  # IND
    "E": "next_line",  # NEL
    "H": "set_tab_stop",  # HTS
    "M": "reverse_index",  # RI
    "N": "single_shift_2",  # SS2
    "O": "single_shift_3",  # SS3
    "Z": "report_primary_attributes",  # DECID
    "\\": "nothing",  # ST
    "6": "back_index",  # DECBI
    "7": "save_cursor",  # DECSC
    "8": "restore_cursor",  # DECRC
    "9": "forward_index",  # DECFI
    "=": "keypad_application",  # DECKPAM
    ">": "keypad_numeric",  # DECKPNM
    "n": "locking_shift_2",  # LS2
    "o": "locking_shift_3",  # LS3
    "|": "nothing",  # LS3R, there is no right half in UTF-8
    "}": "nothing",  # LS2R
    "~": "nothing",  # LS1R
    "l": "nothing",  # memory lock
    "m": "nothing",
    "F": "nothing",
    " F": "nothing",  # S7C1T: controls are always sent as 7 bits
    " G": "nothing",  # S8C1T
    "#3": "nothing",  # double height and width lines are shown single
    "#4": "nothing",
    "#5": "nothing",
    "#6": "nothing",
    "#8": "alignment_display",  # DECALN
    "%@": "nothing",  # text is always UTF-8
    "%G": "nothing",
}

SEQUENCES: Final[dict[str, tuple[str, Takes]]] = {
    "@": ("insert_characters", Takes.COUNT),  # ICH
    "A": ("cursor_up", Takes.COUNT),  # CUU
    "B": ("cursor_down", Takes.COUNT),  # CUD
    "C": ("cursor_forward", Takes.COUNT),  # CUF
    "D": ("cursor_back", Takes.COUNT),  # CUB
    "E": ("cursor_down1", Takes.COUNT),  # CNL
    "F": ("cursor_up1", Takes.COUNT),  # CPL
    "G": ("cursor_to_column", Takes.COUNT),  # CHA
    "H": ("cursor_position", Takes.PLACE),  # CUP
    "I": ("tab_forward", Takes.COUNT),  # CHT
    "J": ("erase_in_display", Takes.FIRST),  # ED
    "K": ("erase_in_line", Takes.FIRST),  # EL
    "L": ("insert_lines", Takes.COUNT),  # IL
    "M": ("delete_lines", Takes.COUNT),  # DL
    "P": ("delete_characters", Takes.COUNT),  # DCH
    "S": ("scroll_up", Takes.COUNT),  # SU
    "T": ("scroll_down_or_track", Takes.ALL),  # SD
    "X": ("erase_characters", Takes.COUNT),  # ECH
    "Z": ("tab_back", Takes.COUNT),  # CBT
    "^": ("scroll_down", Takes.COUNT),  # SD as ECMA-48 had it
    "`": ("cursor_to_column", Takes.COUNT),  # HPA
    "a": ("column_relative", Takes.COUNT),  # HPR
    "b": ("repeat", Takes.COUNT),  # REP
    "c": ("report_primary_attributes", Takes.FIRST),  # DA1
    "d": ("cursor_to_line", Takes.COUNT),  # VPA
    "e": ("line_relative", Takes.COUNT),  # VPR
    "f": ("cursor_position", Takes.PLACE),  # HVP
    "g": ("clear_tab_stop", Takes.FIRST),  # TBC
    "h": ("set_ansi_modes", Takes.ALL),  # SM
    "l": ("reset_ansi_modes", Takes.ALL),  # RM
    "n": ("report_status", Takes.FIRST),  # DSR
    "r": ("set_margins", Takes.PLACE),  # DECSTBM
    "s": ("set_side_margins_or_save", Takes.ALL),  # DECSLRM, SCOSC
    "t": ("window_operation", Takes.ALL),  # XTWINOPS
    "u": ("restore_cursor", Takes.NOTHING),  # SCORC
    "x": ("report_parameters", Takes.FIRST),  # DECREQTPARM
    "?h": ("set_private_modes", Takes.ALL),  # DECSET
    "?l": ("reset_private_modes", Takes.ALL),  # DECRST
    "?s": ("store_private_modes", Takes.ALL),  # XTSAVE
    "?r": ("recall_private_modes", Takes.ALL),  # XTRESTORE
    "?J": ("erase_unprotected_in_display", Takes.FIRST),  # DECSED
    "?K": ("erase_unprotected_in_line", Takes.FIRST),  # DECSEL
    "?n": ("report_private_status", Takes.FIRST),  # DSR, DEC's
    "?m": ("report_key_option", Takes.FIRST),  # XTQMODKEYS
    "?u": ("nothing", Takes.NOTHING),  # the kitty keyboard is not offered: no answer says so
    "=u": ("nothing", Takes.NOTHING),
    ">u": ("nothing", Takes.NOTHING),
    "<u": ("nothing", Takes.NOTHING),
    ">c": ("report_secondary_attributes", Takes.FIRST),  # DA2
    "=c": ("report_tertiary_attributes", Takes.FIRST),  # DA3
    ">m": ("set_key_option", Takes.ALL),  # XTMODKEYS
    ">n": ("reset_key_option", Takes.FIRST),
    ">q": ("report_version", Takes.FIRST),  # XTVERSION
    ">s": ("nothing", Takes.NOTHING),  # XTSHIFTESCAPE
    ">t": ("nothing", Takes.NOTHING),  # XTSMTITLE
    ">T": ("nothing", Takes.NOTHING),  # XTRMTITLE
    ">p": ("nothing", Takes.NOTHING),  # XTSMPOINTER
    "!p": ("soft_reset", Takes.NOTHING),  # DECSTR
    "$p": ("report_ansi_mode", Takes.FIRST),  # DECRQM
    "?$p": ("report_private_mode", Takes.FIRST),  # DECRQM
    '"p': ("nothing", Takes.NOTHING),  # DECSCL: there is one level
    '"q': ("set_protection", Takes.FIRST),  # DECSCA
    " q": ("set_cursor_shape", Takes.FIRST),  # DECSCUSR
    " @": ("scroll_left", Takes.COUNT),  # SL
    " A": ("scroll_right", Takes.COUNT),  # SR
    "'}": ("insert_columns", Takes.COUNT),  # DECIC
    "'~": ("delete_columns", Takes.COUNT),  # DECDC
    "i": ("nothing", Takes.NOTHING),  # MC: there is no printer
    "?i": ("nothing", Takes.NOTHING),
    "#{": ("push_pen", Takes.NOTHING),  # XTPUSHSGR
    "#p": ("push_pen", Takes.NOTHING),
    "#}": ("pop_pen", Takes.NOTHING),  # XTPOPSGR
    "#q": ("pop_pen", Takes.NOTHING),
}
