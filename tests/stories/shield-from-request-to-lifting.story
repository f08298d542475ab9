# A shield is asked for by somebody who knows, holds at once, is decided by an officer, and is lifted by two (R9.2, R9.7).
child Rhys "Ap Huw" born 2014-03-27 former_family Quillfeather address_1 "7 Harbour Terrace" postcode "TS24 7AA" authority E06000001 from health
sign in teacher
find family "Ap Huw" given Rhys postcode "TS24 7AA" because worried
open 1
expect address "7 Harbour Terrace, TS24 7AA"
request harm saying "no"
expect fault INVALID
expect error text
request harm saying "the father has found the last address"
expect fault NONE
expect entries +1
expect event shield_requested

# Nobody finds the child by what is hidden now, nor sees it.
find family "Ap Huw" given Rhys postcode "TS24 7AA" because worried
expect results 0
sign in visitor
find family "Ap Huw" given Rhys born 2014-03-27 because working
open 1
expect shielded
expect address hidden

# Another authority's officer has nothing to decide; the child's own does.
sign in shielder as shielding_officer
officer decides confirm harm saying "police report of 12 November" taking "Inspector Sample, by telephone"
expect fault NONE
expect event shield_decided
officer lifts saying "the father lives abroad"
expect fault NONE
officer agrees saying "I would lift it too"
expect fault REFUSED
sign in second.shielder as shielding_officer
officer agrees saying "I have spoken to the police"
expect fault NONE
expect event shield_second_given
sign in visitor
find family "Ap Huw" given Rhys postcode "TS24 7AA" because working
expect results 1
open 1
expect address "7 Harbour Terrace, TS24 7AA"
