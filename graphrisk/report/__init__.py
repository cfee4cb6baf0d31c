"""The page and the workbook for a committee: one file a section, found by its `ORDER`."""
