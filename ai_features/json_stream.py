"""Reads one text field of a JSON object while the object still arrives, piece by piece."""

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIGH, _LOW, _END = 0xD800, 0xDC00, 0xE000
_LOST = "\ufffd"


class FieldReader:
    """`feed` gives the new letters of the top-level string `field`, decoded; each letter once.

    What stands before the object (a code fence, say) is skipped. Broken JSON gives fewer letters, no error:
    the whole answer is parsed once more when it is there.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._depth = 0
        self._in_string = False
        self._is_key = False  # whether the string that is read, or comes next, names a field
        self._key = ""
        self._escape = ""
        self._high = 0  # the first half of a pair that is one letter
        self._text: list[str] = []
        self.is_done = False

    def feed(self, piece: str) -> str:
        out: list[str] = []
        for sign in piece:
            letter = self._in(sign) if self._in_string else self._between(sign)
            if letter and self._wanted():
                out.append(letter)
        return "".join(out)

    def _wanted(self) -> bool:
        return self._depth == 1 and not self._is_key and self._key == self._field and not self.is_done

    def _between(self, sign: str) -> str:
        if sign == '"' and self._depth:
            self._in_string, self._text = True, []
        elif sign in "{[":
            self._depth += 1
            self._is_key = sign == "{"
        elif sign in "}]":
            self._depth -= 1
            self._is_key = False
        elif sign == ":":
            self._is_key = False
        elif sign == "," and self._depth == 1:
            self._is_key = True
        return ""

    def _in(self, sign: str) -> str:
        if self._escape:
            return self._escaped(sign)
        if sign == "\\":
            self._escape = sign
            return ""
        if sign == '"':
            self._close()
            return ""
        return self._letter(sign)

    def _escaped(self, sign: str) -> str:
        self._escape += sign
        if self._escape[1] != "u":
            self._escape = ""
            return self._letter(_ESCAPES.get(sign, sign))
        if len(self._escape) < 6:
            return ""
        digits, self._escape = self._escape[2:], ""
        try:
            code = int(digits, 16)
        except ValueError:
            return self._letter(_LOST)
        if _HIGH <= code < _LOW:
            self._high = code
            return ""
        if _LOW <= code < _END:
            high, self._high = self._high, 0
            return self._letter(chr(0x10000 + ((high - _HIGH) << 10) + code - _LOW) if high else _LOST)
        return self._letter(chr(code))

    def _letter(self, letter: str) -> str:
        self._high = 0
        if self._is_key and self._depth == 1:
            self._text.append(letter)
        return letter

    def _close(self) -> None:
        self._in_string = False
        if self._depth != 1:
            return
        if self._is_key:
            self._key = "".join(self._text)
        elif self._key == self._field:
            self.is_done = True
