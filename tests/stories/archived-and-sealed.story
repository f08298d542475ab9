# Who is put away, or closed after a new identity, is absent like somebody who never was (R9.8, R13.3).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" nhs_number "943 476 5919" from health
child Carys Bevan born 2013-01-01 postcode "LS1 4AB" nhs_number 9990000018 from health
sign in visitor
find number 9434765919 because working
open
expect name "Rhys Ap Huw"
archive Rhys "Ap Huw"
seal Carys Bevan
sign in visitor
find family "Ap Huw" given Rhys born 2014-03-27 because working
expect results 0
expect entries +2
find family Bevan born 2013 because working
expect results 0
expect entries +2
find number 9434765919 because working
expect results 0
open Rhys "Ap Huw"
expect fault REASON
expect nothing
expect entries +1
reason working
expect fault ABSENT
expect nothing
open Carys Bevan
expect fault REASON
reason working
expect fault ABSENT
