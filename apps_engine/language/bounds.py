"""How large anything in the expression language may grow (SEC-03). Each has a test at the limit and one past it.

Nothing here depends on the profile of an app: these keep a template from exhausting a worker, whoever wrote it.
"""

from __future__ import annotations

from typing import Final

TEMPLATE_BYTES: Final = 65_536  # the text of one template or condition, in UTF-8
RESULT_CHARACTERS: Final = 1_048_576  # one rendered text, and all rendered texts of one JSON tree together
EXPRESSION_DEPTH: Final = 32  # operators, filters and parentheses inside one another
FILTER_CHAIN: Final = 16  # filters one after the other
LITERAL_NESTING: Final = 5  # text literals that hold placeholders that hold text literals ...
OPERATIONS: Final = 1_000  # paths, operators and filters in one template
DIGITS: Final = 40  # of a number, before and after the point together
DIVISION_DIGITS: Final = 28  # of a quotient that does not end
LIST_ITEMS: Final = 10_000  # a list that a filter or operator takes or makes
ITEMS_VISITED: Final = 60_000  # items that the filters of one template go over in all; 64 characters are an item
VALUES_COMPARED: Final = 50_000  # lists, objects and plain values inside two values that are compared, or told apart
VALUES_COMPARED_BY_ROWS: Final = 2_000_000  # the same for all the rows of a transform together
FORMULA_CHARACTERS: Final = 20_000_000  # of the formulas of a transform, read once for each row
MARKUP_CHARACTERS: Final = 262_144  # a text that is read letter by letter, such as HTML
VALUE_DEPTH: Final = 64  # lists and objects inside one another, in values
SLUG_CHARACTERS: Final = 200  # what slugify reads; normalising long runs of accents is slow
FORMAT_CHARACTERS: Final = 200  # a date format
PATTERN_CHARACTERS: Final = 1_000  # a regular expression
PATTERN_BYTES: Final = 1_048_576  # memory of a compiled regular expression
PREDICATE_DEPTH: Final = 16  # and, or, not inside one another
PREDICATE_COMPARISONS: Final = 256  # comparisons in one filter object
FIELD_CHARACTERS: Final = 200  # the name of a field in a filter object
COLUMNS: Final = 200  # fields that a transform makes for each row, or metrics that it measures
SORT_FIELDS: Final = 20  # fields that rows are sorted or grouped by
URL_CHARACTERS: Final = 2_000  # a link that build_url makes
DURATION_DAYS: Final = 36_525  # the longest duration, a century
