"""Inside `quotes_rules`: units of text, cues, content, speakers, and whom pronouns stand for."""
