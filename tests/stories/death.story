# A child who died is shown with what was, and no current services (R12.2).
child Rhys "Ap Huw" born 2014-03-27 address_1 "7 Harbour Terrace" postcode "TS24 7AA" gp_code A81001 gp_name "Seaview Surgery" from health
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from social_care
involvement Rhys "Ap Huw" social_work "Riverside Team" from social_care
involvement Rhys "Ap Huw" family_support "Bridge House" to 2026-06-01 from social_care
mourn Rhys "Ap Huw"
sign in teacher
find family "Ap Huw" given Rhys born 2014-03-27 because working
open 1
expect address "7 Harbour Terrace, TS24 7AA"
expect services 0
expect pasts 1
expect past "Bridge House"
