# A reason covers one search and the one record opened from it (R5.1).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
child Carys "Ap Huw" born 2012-05-06 postcode "TS24 7AA" from health
sign in teacher
open Rhys "Ap Huw"
expect fault REASON
expect nothing
expect entries +1
find family "Ap Huw" postcode "TS24 7AA" because worried
expect results 2
open 1
expect fault NONE
open 2
expect fault REASON
expect nothing
reason asked
open
expect fault NONE
expect entries +1
details
expect fault NONE
open Rhys "Ap Huw"
open Carys "Ap Huw"
wait 16 minutes
open
expect fault SIGN_IN
expect entries +1
