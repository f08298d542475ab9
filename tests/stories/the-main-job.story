# A practitioner finds who else works with a child, and says that they do too.
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" authority E06000001 gp_code A81001 gp_name "Seaview Surgery" gp_phone "01632 960200" from health
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" upn P207000016049 school_code 111555 school_name "Northgate Primary School" school_phone "01632 960101" carer1_family "Ap Huw" carer1_given Ffion from education
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" authority E06000001 from social_care
involvement Rhys "Ap Huw" social_work "Riverside Team" lead yes from social_care
child Carys Bevan born 2013-01-01 postcode "LS1 4AB" authority E08000035 from health
expect children 2

sign in visitor
find family "Ap Hugh" given Rhys born 2014-03-27 because working
expect results 1
expect row 1 "Rhys Ap Huw" area Hartlepool similar
open 1
expect entries +1
expect event child_viewed
expect name "Rhys Ap Huw"
expect school "Northgate Primary School"
expect gp "Seaview Surgery"
expect services 1
expect service "Riverside Team" lead phone "01632 960777"

record health_visiting "Harbour Health Visiting" since 2026-10-01
expect entries +1
expect event involvement_recorded
open
expect services 2
expect service "Harbour Health Visiting" own phone "01632 960456"

sign in teacher
find family "Ap Huw" given Rhys born 2014-03-27 because worried
expect row 1 "Rhys Ap Huw" exact why "Same name, same date of birth"
open 1
expect service "Harbour Health Visiting" phone "01632 960456"
