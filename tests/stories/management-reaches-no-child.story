# Management roles reach no child, and whoever is suspended nothing at all (R2, R3.3).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
sign in manager as user_manager
find family "Ap Huw" born 2014 because working
expect fault REFUSED
expect entries +1
expect event refused
open Rhys "Ap Huw"
expect fault REFUSED
account
expect fault NONE
sign in administrator as national_administrator
find family "Ap Huw" born 2014 because working
expect fault REFUSED
sign in teacher
find family "Ap Huw" born 2014 because working
expect results 1
suspend teacher
open Rhys "Ap Huw"
expect fault SIGN_IN
expect entries +1
sign in visitor
find family "Ap Huw" born 2014 because working
sign out
expect entries +1
open Rhys "Ap Huw"
expect fault SIGN_IN
