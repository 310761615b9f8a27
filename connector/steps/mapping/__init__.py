"""What a platform calls things, to the words of the line, and back."""
