# Whoever leaves hands over, and whoever is suspected stops at once (R3.3, R3.4, R7.5).
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
sign in teacher
find family "Ap Huw" born 2014 because working
open 1
record school "Northgate Primary School" since 2026-09-01
expect fault NONE
# a manager reaches their own organisation's practitioners, nobody else, and no child
sign in manager as user_manager
manager suspends visitor saying "not mine"
expect fault ABSENT
manager suspends shielder saying "an officer"
expect fault ABSENT
manager suspends teacher
expect error suspend_why
manager suspends teacher saying "searched for a neighbour"
expect fault NONE
expect event account_suspended
manager suspends teacher saying "again"
expect fault CONFLICT
manager reinstates teacher
expect event user_reinstated
manager closes teacher saying "left the post"
expect error involvements
manager closes teacher saying "left the post" for visitor
expect error heir
manager closes teacher saying "left the post" for second.teacher
expect fault NONE
expect event user_closed
expect entries +2
manager reinstates teacher
expect fault CONFLICT
find family "Ap Huw" born 2014 because working
expect fault REFUSED
# the colleague has it, and it is theirs to end
sign in second.teacher
find family "Ap Huw" born 2014 because working
open 1
expect service "Northgate Primary School" own
expect services 1
expect pasts 1
end "Northgate Primary School" on 2026-11-20
expect fault NONE
