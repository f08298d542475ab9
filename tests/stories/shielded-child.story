# A shielded child is name, date of birth, sex and number, and found by those alone (R9.3, R9.4).
child Rhys "Ap Huw" born 2014-03-27 former_family Quillfeather address_1 "7 Harbour Terrace" postcode "TS24 7AA" authority E06000001 nhs_number "943 476 5919" gp_code A81001 gp_name "Seaview Surgery" from health
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" authority E06000001 from social_care
involvement Rhys "Ap Huw" social_work "Riverside Team" from social_care
sign in visitor
find number 9434765919 because working
open
record health_visiting "Harbour Health Visiting" since 2026-10-01
shield Rhys "Ap Huw"

sign in teacher
find family "Ap Huw" given Rhys born 2014-03-27 because worried
expect row 1 "Rhys Ap Huw" area Shielded
open 1
expect shielded
expect services 0
expect team "Hartlepool ContactPoint team"
details
expect shielded
find family "Ap Huw" postcode "TS24 7AA" because worried
expect results 0
find family "Ap Huw" authority E06000001 because worried
expect results 0
find family Quillfeather born 2014 because worried
expect results 0

# Their own involvement stays before the eyes of those who recorded it (R7.6).
sign in visitor
find number 9434765919 because working
expect results 0
find family "Ap Huw" given Rhys born 2014-03-27 because working
open 1
expect shielded
expect services 1
expect service "Harbour Health Visiting" own
end "Harbour Health Visiting" on 2026-11-20
expect fault NONE

# No feed weakens a shield (R9.5).
child Rhys "Ap Huw" born 2014-03-27 postcode "YO31 9XQ" authority E06000014 nhs_number "943 476 5919" from health
sign in teacher
find family "Ap Huw" given Rhys born 2014-03-27 because worried
expect row 1 "Rhys Ap Huw" area Shielded
open 1
expect shielded
restart
sign in teacher
find family "Ap Huw" given Rhys born 2014-03-27 because worried
expect row 1 "Rhys Ap Huw" area Shielded
