# Exact ones first; similar ones on request, or where nothing is exact.
child Anna Clarke born 2014-03-27 postcode "TS24 7AA" nhs_number 9990000018 from health
child Anna Clark born 2014-03-27 postcode "LS1 4AB" nhs_number 9990000026 from health
sign in visitor
find family Clarke given Anna born 2014-03-27 because working
expect results 1
expect row 1 "Anna Clarke" exact
similar
expect results 2
expect row 1 "Anna Clarke" exact
expect row 2 "Anna Clark" similar
expect entries +3
find family Clerk given Ana born 2014-03-27 because working
expect row 1 "Anna Clark" similar
