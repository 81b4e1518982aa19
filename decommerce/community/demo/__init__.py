"""A made-up community to try things out with: plausible, varied, and the same every time."""
