"""What files of strangers are, and what is in them. No Django: `child.py` is a process of its own."""
