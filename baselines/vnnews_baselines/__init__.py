"""The baselines of vnnews_bench: floors, rules and conditional random fields, each a callable `Document -> Record`."""
