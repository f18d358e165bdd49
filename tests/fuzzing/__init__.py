"""Whatever is sent to the running gateway, the answer is decent: no fault of ours, no word of our insides, well formed.

`VEREDA_EXAMPLES=5000 pytest tests/fuzzing` tries that many examples of each kind, new ones each time.
"""
