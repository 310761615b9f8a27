"""What `adapters/files.py` is made of: finding, decoding and reading files, and writing them whole."""
