-- Why a line is not used; lines that are no statement are faults of the source.
SELECT _record, aside AS reason, starts_with(aside, 'no PSC statement') AS rejected FROM statements WHERE aside IS NOT NULL
UNION ALL
SELECT _record, 'a company of the list of names, not of a statement', false FROM companies
