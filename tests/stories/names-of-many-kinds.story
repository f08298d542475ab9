# Names as people type them.
child "Aoife" "Ó Súilleabháin" born 2013-11-02 postcode "TS24 7AB" from health
child "Łucja" "Wiśniewska" born 2012-06-30 postcode "TS1 1AA" from health
child "يوسف" "الحسن" born 2015-01-15 postcode "TS1 1AB" from health
child Amelia "Smith-Jones" born 2011-09-09 postcode "TS1 1AC" from health
child Niamh "O'Brien" born 2016-02-29 postcode "TS24 7AD" from health
child Aurangzeb "" born 2010-05-05 postcode "TS24 7AE" from health
sign in visitor
find family "O Suilleabhain" given aoife born 2013 because working
expect row 1 "Aoife Ó Súilleabháin"
find family Wisniewska given Lucja born 2012 because working
expect row 1 "Łucja Wiśniewska"
find family "الحسن" born 2015 because working
expect row 1 "يوسف الحسن"
find family "smith jones" born 2011 because working
expect row 1 "Amelia Smith-Jones"
find family OBrien born 2016-02-29 because working
expect row 1 "Niamh O'Brien"
find family Aurangzeb born 2010 because working
expect row 1 "Aurangzeb"
