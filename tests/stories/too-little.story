# What a search must bring (R5.2).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" authority E06000001 from health
sign in teacher
find because working
expect error family
find family "Ap Huw" because working
expect error birth
expect entries +1
find born 2014-03-27 because working
expect error family
find family "Ap Huw" born 2014-02-30 because working
expect error birth
find family "Ap Huw" age 99 because working
expect error age
find number 123 because working
expect error number
find family "Ap Huw" age 12 because working
expect results 1
find given Rhys authority E06000001 because working
expect results 1
find family "Ap Huw" authority E06000002 because working
expect results 0
find family "Ap Huw" sex female born 2014 because working
expect results 1
