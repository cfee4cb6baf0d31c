-- Relationships as one row a cell: files have up to five periods, and not all of them have all columns.
UNPIVOT (SELECT * EXCLUDE (_file, _line) FROM relationships) ON COLUMNS(* EXCLUDE (_record)) INTO NAME header VALUE cell
