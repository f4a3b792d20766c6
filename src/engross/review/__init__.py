"""The review round: a letter out in Word, edits and comments back, and redlines of what changed between two versions."""
