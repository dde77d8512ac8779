"""C++ text with everything blanked out that is not code, and the functions found in it by their braces."""

import dataclasses
import re

_NOT_CODE = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | (?<![A-Za-z0-9_])(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
    | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
    | (?<![0-9A-Fa-f'])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)
_CONTINUED_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_LEADS_TO_NO_FUNCTION = re.compile(
    r"^(?:(?:inline|export)\s+)?(?:namespace|class|struct|union|enum|extern|if|for|while|switch|do|else|try|catch|return)\b"
)
_LABELS = re.compile(r"\s*(?:(?:public|private|protected)\s*:\s*)*")
_IS_TEST = re.compile(r"^(?:TEST_CASE|TEMPLATE_TEST_CASE|TEST_CASE_METHOD|SCENARIO)\b")


def without_comments(text):
    """The same number of lines and columns; comments, literals and preprocessor lines become blanks."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return _CONTINUED_DIRECTIVE.sub(blank, _NOT_CODE.sub(blank, text))


@dataclasses.dataclass(frozen=True)
class Function:
    head: str
    first_line: int
    lines: int  # from the line of the head to the closing brace


def functions(text):
    """Outermost bodies of functions; lambdas count as part of the function around them. Test cases are left out.

    A brace opens a body when what stands before it, since the last `;`, `{` or `}`, has a parameter list or ends like
    a lambda, and does not begin like a type, a namespace or a statement.
    """
    code = without_comments(text)
    depth = 0
    body_depth = None
    head_start = 0
    found = []
    parentheses = 0
    for place, mark in enumerate(code):
        if mark == "(":
            parentheses += 1
        elif mark == ")":
            parentheses = max(0, parentheses - 1)
        elif mark == "{":
            start = _LABELS.match(code, head_start, place).end()
            head = " ".join(code[start:place].split())
            if body_depth is None and parentheses == 0 and _opens_body(head):
                body_depth = depth
                body_head, body_line, is_test = head, code.count("\n", 0, start) + 1, bool(_IS_TEST.match(head))
            depth += 1
            if body_depth is None and parentheses == 0:
                head_start = place + 1
        elif mark == "}":
            depth = max(0, depth - 1)
            if body_depth is not None and depth == body_depth:
                if not is_test and not _continues(code, place):
                    found.append(Function(body_head, body_line, code.count("\n", 0, place) + 2 - body_line))
                    body_depth = None
                elif is_test:
                    body_depth = None
            if body_depth is None and parentheses == 0:
                head_start = place + 1
        elif mark == ";" and body_depth is None and parentheses == 0:
            head_start = place + 1
    return found


def _opens_body(head):
    head = re.sub(r"^template\s*<.*?>\s*(?=struct|class|union|concept)", "", head)
    if not head or _LEADS_TO_NO_FUNCTION.match(head) or re.match(r"^(?:\[\[[^]]*\]\]\s*)?(?:struct|class|concept)\b", head):
        return False
    return "(" in head or head.endswith("]")


def _continues(code, place):
    """The closing brace of a member initializer `: x_{1}, y_{2} {` is not the end of the function."""
    rest = code[place + 1 : place + 200].lstrip()
    return rest.startswith((",", "{"))
