# Overriding a shield shows one record for as long as one stays with it, and somebody asks why (R10).
child Rhys "Ap Huw" born 2014-03-27 address_1 "7 Harbour Terrace" postcode "TS24 7AA" authority E06000001 from health
sign in teacher
find family "Ap Huw" given Rhys postcode "TS24 7AA" because worried
open 1
request harm saying "the father has found the last address"
override saying "a child is in danger here"
expect fault REFUSED

sign in worker as override_practitioner
find family "Ap Huw" given Rhys born 2014-03-27 because worried
open 1
expect shielded
override saying "a child is in danger here and nobody answers"
expect fault NONE
expect event shield_overridden
open
expect address "7 Harbour Terrace, TS24 7AA"
wait 16 minutes
sign in worker as override_practitioner
find family "Ap Huw" given Rhys born 2014-03-27 because worried
open 1
expect shielded

# Whoever reviews it sees who and why, and suspends.
sign in reviewer as audit_reviewer
officer closes suspend saying "the duty team was in the office"
expect fault NONE
expect event override_decided
