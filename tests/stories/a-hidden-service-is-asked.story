# A sensitive service is recorded with consent; others see one line, and reach it through the team alone (R8).
child Mari Tudur born 2010-04-02 postcode "TS24 7AA" authority E06000001 from health
sign in visitor
find family Tudur given Mari born 2010-04-02 because working
open 1
consent mental_health "Quiet House" to contact
expect fault NONE
expect event involvement_recorded

# Somebody else sees the line, and asks.
sign in teacher
find family Tudur given Mari born 2010-04-02 because worried
open 1
expect sensitive
expect services 0
question "who?"
expect fault INVALID
expect error text
question "Somebody to talk to about sleeping in class"
expect fault NONE
expect entries +1
expect event contact_asked
expect messages 0

# The team of the child's authority asks the service.
sign in shielder as shielding_officer
team passes "Somebody to talk to about sleeping in class"
expect fault NONE
expect entries +1
expect event request_passed

# The young person and the service decide.
sign in visitor
expect message "Somebody to talk to about sleeping in class"
reply contact by declined "Ring Sam in the mornings"
expect fault INVALID
reply contact by agreed "Ring Sam in the mornings"
expect fault NONE
expect entries +1
expect event message_answered

sign in shielder as shielding_officer
team answers contact "Ring Sam in the mornings"
expect fault NONE
expect event request_answered
sign in teacher
expect message "Ring Sam in the mornings"

# Consent is taken back: nothing is left of it, nor of what was passed back.
sign in visitor
find family Tudur given Mari born 2010-04-02 because working
open 1
withdraw "Quiet House"
expect fault NONE
expect event consent_withdrawn
sign in teacher
expect message ""
find family Tudur given Mari born 2010-04-02 because working
open 1
expect sensitive none

# Asked again, the answer is the same as for a child with no such service.
question "Somebody to talk to about sleeping in class"
expect fault NONE
sign in shielder as shielding_officer
team answers contact "Ring Sam in the mornings"
expect fault INVALID
expect error outcome
team answers none "nobody is recorded with consent"
expect fault NONE
sign in teacher
expect messages 2
expect message ""
