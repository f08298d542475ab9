# Nothing recorded, known to be none, and silent since: three answers (R1.3).
child Ada Wick born 2014-01-01 postcode "TS24 7AA" school_code HOME from education
child Ben Moor born 2013-02-02 postcode "LS1 4AB" from education
child Cai Fenn born 2012-03-03 postcode "YO31 9XQ" gp_code NONE from health
child Dot Dale born 2011-04-04 authority E06000014 address_1 NONE from health
sign in teacher
find family Wick age 12 because checking
open 1
expect school home
expect gp none
expect services 0
find family Moor born 2013 because checking
open 1
expect school none
find family Fenn born 2012 because checking
open 1
expect gp unregistered
find family Dale born 2011 because checking
open 1
expect address unknown
wait 60 days
sign in teacher
find family Moor born 2013 because checking
open 1
expect school silent
