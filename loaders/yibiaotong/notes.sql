-- What a reader should know of these files.
SELECT 'Joint debtors are tied to the borrower; co_borrowers needs the loans, which are in another theme of the standard' FROM joint_debtors
HAVING count(*) > 0
UNION ALL
SELECT 'A group is a party of its own that controls its members as the bank declared them (basis accounts): our reading' FROM members
HAVING count(*) > 0
