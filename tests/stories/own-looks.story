# Everybody sees their own last looks, with the reasons they gave (R17.1).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
sign in teacher
account
expect looks 0
find family "Ap Huw" born 2014 because asked
open 1
details
account
expect looks 4
expect entries +1
sign in visitor
account
expect looks 0
