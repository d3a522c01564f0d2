"""The Hugging Face dataset: what a configuration's rows are, how they are loaded, built, described and published.

fields      the schema of a row, and the features that follow from it
glossary    what each field means
configs     the configurations: rows of the corpus, with words or without
content     what a built folder holds, by hash
load        from the package, a folder or the Hub, verified
card        README.md and eval.yaml
croissant   croissant.json
build       the folder; the way back from a folder without words
publish     the folder as one commit and a tag
results     scores as the Hub's evaluation results
"""
