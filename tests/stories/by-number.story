# A number that fits one child opens it at once; another body's number finds nobody.
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" nhs_number "943 476 5919" from health
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" upn P207000016049 from education
sign in visitor
find number "943 476 5919" because referral
expect entries +1
open
expect name "Rhys Ap Huw"
expect numbers 1
expect number "943 476 5919"
sign in teacher
find number 9434765919 because referral
expect results 0
expect entries +2
find number P207000016049 because referral
open
expect number P207000016049
sign in worker
find number P207000016049 because referral
expect results 0
