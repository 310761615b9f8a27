"""Take a joining back: what was one lead is two again, each with what was its own."""

from __future__ import annotations

#: Why a lead moved, as it is kept with the transition.
APART = "taken apart again"
