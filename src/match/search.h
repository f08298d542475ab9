/* What a search asks for, and who is too unlike it to be shown. */
#ifndef MATCH_SEARCH_H
#define MATCH_SEARCH_H

#include "match/score.h"

/* What is asked, as a description; false where R5.2 is not met or a field cannot be read. */
bool search_describe(const struct match_index *index, const struct match_query *query,
                     struct description *ret_asked);

/* Who weighs less is shown only where everything asked for is equal. */
int32_t search_least(const struct match_index *index, const struct match_query *query,
                     const struct description *asked);

/* Whether one whose weight suffices is shown among the similar: a name is alike, and where another is not, a
 * date or a postcode agrees; where one name is asked alone, nothing asked beside it is otherwise. */
bool search_shows(const struct description *asked, const struct score *score);

#endif
