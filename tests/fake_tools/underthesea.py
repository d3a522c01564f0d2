"""Stands in for underthesea: its interface and its habits (words glued, tones moved), and on one article a crash."""

import os


def ner(sentence: str) -> list[tuple[str, str, str, str]]:
    print("a tool that talks")
    if "Côn Đảo" in sentence:
        os._exit(9)
    words = sentence.replace("Hoà", "Hòa").split()
    return [(word, "N", "B-NP", "I-PER" if word[0].isupper() else "O") for word in words]
