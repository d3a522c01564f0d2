"""The static site: boards, a page per system, a reader per article. No server, no network, no build step for its readers.

The pages work from `file://` and as a static Space of Hugging Face. An article's page has the gold; the text as a system marks
it is a script of one line, which the page asks for by a `<script>` element, because a page from `file://` may fetch nothing.
"""
