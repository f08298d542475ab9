# No reason is chosen beforehand, and words for "something else" must say something.
child Rhys "Ap Huw" born 2014-03-27 postcode "TS24 7AA" from health
sign in teacher
find family "Ap Huw" born 2014
expect fault REASON
expect error reason
expect entries +1
find family "Ap Huw" born 2014 because curious
expect fault REASON
find family "Ap Huw" born 2014 because other saying "x"
expect fault REASON
expect error reason_text
find family "Ap Huw" born 2014 because other saying "xxxxxxxxxxxx"
expect fault REASON
find family "Ap Huw" born 2014 because other saying "His aunt rang about school meals"
expect results 1
