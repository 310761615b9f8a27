"""Points, caps, grades and gates: a flow's criteria compiled once, exact to the point and the second."""
