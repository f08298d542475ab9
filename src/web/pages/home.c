#include "web/pages/parts.h"

void page_home(struct page *page)
{
    const struct answer *answer = page->answer;
    page_begin(page, &(struct frame){.title = "Find out who else is working with a child"});
    template_home(page->html, &(struct template_home){
                                  .signed_in = answer->signed_in,
                                  .may_find = answer->signed_in && policy_may(answer->role, OP_find_page),
                              });
    page_end(page);
}
