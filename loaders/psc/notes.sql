-- What a reader should know of these files.
SELECT count(*)::VARCHAR || ' statements name nobody (protected, exempt, not found): each is a holding of unknown size of a '
    || 'placeholder of its own, with the reason'
FROM statements
WHERE aside IS NULL AND hidden
HAVING count(*) > 0
UNION ALL
SELECT count(DISTINCT company)::VARCHAR || ' companies have no name in these files: their number stands for it '
    || '(BasicCompanyData of Companies House has the names)'
FROM statements
WHERE aside IS NULL AND company NOT IN (SELECT upper(trim(CompanyNumber)) FROM companies WHERE CompanyNumber IS NOT NULL)
HAVING count(*) > 0
UNION ALL
SELECT 'A person has an id for each company: the register does not say whether two statements mean the same person'
FROM statements
WHERE individual
HAVING count(*) > 1
