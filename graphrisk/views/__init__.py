"""Offline HTML pages, one file a view."""
