# Recorded, seen by others, ended, past for a year, then gone (R7).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
sign in visitor
find family "Ap Huw" born 2014 because working
open 1
record sorcery "A clinic" since 2026-10-01
expect error kind
expect entries +1
record health_visiting "Harbour Health Visiting" since 2027-10-01
expect error from
record health_visiting "Harbour Health Visiting" since 2026-10-01
expect fault NONE
record health_visiting "Harbour Health Visiting" since 2026-10-01
expect error service
expect entries +1
sign in teacher
find family "Ap Huw" born 2014 because working
open 1
expect service "Harbour Health Visiting"
end "Harbour Health Visiting" on 2026-11-01
expect fault ABSENT
sign in visitor
find family "Ap Huw" born 2014 because working
open 1
end "Harbour Health Visiting" on 2026-09-01
expect error to
end "Harbour Health Visiting" on 2026-11-01
expect fault NONE
expect event involvement_ended
open
expect services 0
expect past "Harbour Health Visiting"
wait 340 days
sign in visitor
find family "Ap Huw" born 2014 because working
open 1
expect pasts 1
wait 30 days
sign in visitor
find family "Ap Huw" born 2014 because working
open 1
expect pasts 0
