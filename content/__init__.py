"""The domain: content, people and the engines that work on them. Knows no web."""
