"""What does a single command ask of the passes, beside the way from a text to its answers?"""
