"""Stands in for underthesea: its interface and its habits (words glued, tones moved), and a crash where it is told to."""

import os


def ner(sentence: str) -> list[tuple[str, str, str, str]]:
    print("a tool that talks")
    if os.environ.get("FAKE_TOOL_FAILS_ON", "\n") in sentence:
        os._exit(9)
    words = sentence.replace("Hoà", "Hòa").split()
    return [(word, "N", "B-NP", "I-PER" if word[0].isupper() else "O") for word in words]
