# What a source no longer says is gone from the page; who the child is stays.
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" nhs_number "943 476 5919" gp_code A81001 gp_name "Seaview Surgery" from health
child Carys Bevan born 2012-08-02 postcode "LS1 4AB" nhs_number 9990000018 from education
empty health 1
sign in visitor
find family "Ap Huw" given Rhys born 2014-03-27 because working
expect row 1 "Rhys Ap Huw" exact
open 1
expect name "Rhys Ap Huw"
expect gp none
expect address none
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" nhs_number "943 476 5919" gp_code A81001 gp_name "Seaview Surgery" from health
expect children 2
open
expect gp "Seaview Surgery"
