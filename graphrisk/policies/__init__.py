"""Policies: the bank's own judgement as data, each with a version; a project names another file to have its own."""
