# A feed row too like a hidden child makes no visible record, and waits (R9.6).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" authority E06000001 from health
shield Rhys "Ap Huw"
child Rhys "Ap Hugh" born 2014-03-27 postcode "LS1 4AB" authority E08000035 from education
expect children 1
expect waiting 1
sign in teacher
find family "Ap Hugh" given Rhys postcode "LS1 4AB" because worried
expect results 0
