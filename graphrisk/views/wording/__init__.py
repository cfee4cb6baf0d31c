"""How a page says things: words in both languages, numbers, and the pseudonyms of a mask."""
