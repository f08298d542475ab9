#include "match/cluster_grow.h"

#include <stdlib.h>
#include <string.h>

/* A link that has become weaker by at most an eighth of a bit since it was queued is taken as it is: so that
 * a link is weighed a bounded number of times, however many records its ends have taken in. */
enum { SLACK = 128 };

enum { LINK_ALWAYS = INT32_MAX };

static uint32_t table_size(uint32_t links)
{
    uint32_t size = 16;
    while (size / 4 < links && size < (uint32_t)1 << 31)
        size *= 2;
    return size;
}

enum fault grow_open(struct grow *grow, uint32_t parts_max, uint32_t links_max)
{
    grow->parts = calloc((size_t)parts_max + 1, sizeof *grow->parts);
    grow->links = calloc((size_t)links_max + 1, sizeof *grow->links);
    grow->table = calloc(table_size(links_max), sizeof *grow->table);
    grow->queue = calloc((size_t)links_max * 2 + 1, sizeof *grow->queue);
    if (grow->parts == NULL || grow->links == NULL || grow->table == NULL || grow->queue == NULL)
        return FAULT_MEMORY;
    return FAULT_NONE;
}

void grow_close(struct grow *grow)
{
    free(grow->parts);
    free(grow->links);
    free(grow->table);
    free(grow->queue);
}

void grow_start(struct grow *grow, uint32_t links_max)
{
    grow->table_mask = table_size(links_max) - 1;
    grow->table_used = 0;
    memset(grow->table, 0, ((size_t)grow->table_mask + 1) * sizeof *grow->table);
    grow->part_count = 0;
    grow->link_count = 0;
    grow->queue_count = 0;
}

void grow_add_part(struct grow *grow, uint32_t apart)
{
    uint32_t at = grow->part_count++;
    grow->parts[at] =
        (struct grow_part){.parent = at, .size = 1, .first = GROW_NONE, .rank = at, .apart = apart};
}

uint32_t grow_root(struct grow *grow, uint32_t part)
{
    while (grow->parts[part].parent != part) {
        grow->parts[part].parent = grow->parts[grow->parts[part].parent].parent;
        part = grow->parts[part].parent;
    }
    return part;
}

static uint32_t home(const struct grow *grow, uint32_t a, uint32_t b)
{
    uint64_t key = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    return (uint32_t)(key * 0x9e3779b97f4a7c15U >> 33) & grow->table_mask;
}

static bool joins(const struct grow_link *link, uint32_t a, uint32_t b)
{
    return !link->dead &&
           ((link->end[0] == a && link->end[1] == b) || (link->end[0] == b && link->end[1] == a));
}

/* The link of two parts, or GROW_NONE. */
static uint32_t find_link(const struct grow *grow, uint32_t a, uint32_t b)
{
    uint32_t at = home(grow, a, b);
    while (grow->table[at] != 0 && !joins(&grow->links[grow->table[at] - 1], a, b))
        at = (at + 1) & grow->table_mask;
    return grow->table[at] == 0 ? (uint32_t)GROW_NONE : grow->table[at] - 1;
}

static void put_link(struct grow *grow, uint32_t number)
{
    const struct grow_link *link = &grow->links[number];
    uint32_t at = home(grow, link->end[0], link->end[1]);
    while (grow->table[at] != 0)
        at = (at + 1) & grow->table_mask;
    grow->table[at] = number + 1;
    grow->table_used++;
}

static void register_link(struct grow *grow, uint32_t number)
{
    if (grow->table_used <= grow->table_mask / 2) {
        put_link(grow, number);
        return;
    }
    memset(grow->table, 0, ((size_t)grow->table_mask + 1) * sizeof *grow->table);
    grow->table_used = 0;
    for (uint32_t i = 0; i < grow->link_count; i++) {
        if (!grow->links[i].dead)
            put_link(grow, i);
    }
}

static void hang(struct grow *grow, uint32_t number, uint32_t side)
{
    struct grow_link *link = &grow->links[number];
    struct grow_part *part = &grow->parts[link->end[side]];
    link->next[side] = part->first;
    part->first = number * 2 + side;
    part->degree++;
}

static enum cluster_ruling ruling_of(const struct grow_link *link)
{
    return link->rulings >> CLUSTER_NEVER != 0     ? CLUSTER_NEVER
           : link->rulings >> CLUSTER_SAME != 0    ? CLUSTER_SAME
           : link->rulings >> CLUSTER_AGAINST != 0 ? CLUSTER_AGAINST
                                                   : CLUSTER_WEIGHED;
}

/* Counts a decision that a stronger one makes void, once. */
static void add_rulings(struct grow *grow, struct grow_link *link, uint8_t more)
{
    const uint8_t both = 1 << CLUSTER_SAME | 1 << CLUSTER_NEVER;
    bool void_before = (link->rulings & both) == both || (more & both) == both;
    link->rulings |= more;
    grow->report->contradicted += (link->rulings & both) == both && !void_before;
}

void grow_add_pair(struct grow *grow, uint32_t a, uint32_t b, const struct cluster_edge *edge)
{
    int32_t weight = edge->weight < grow->rule.floor     ? grow->rule.floor
                     : edge->weight > grow->rule.ceiling ? grow->rule.ceiling
                                                         : edge->weight;
    uint32_t number = find_link(grow, a, b);
    if (number != GROW_NONE) {
        struct grow_link *link = &grow->links[number];
        link->best = weight > link->best ? weight : link->best;
        link->sum = link->best;
        add_rulings(grow, link, (uint8_t)(1 << edge->ruling));
        return;
    }
    number = grow->link_count++;
    grow->links[number] = (struct grow_link){
        .end = {a, b}, .sum = weight, .known = 1, .best = weight, .rulings = (uint8_t)(1 << edge->ruling)};
    hang(grow, number, 0);
    hang(grow, number, 1);
    register_link(grow, number);
}

/* The mean weight of the scored pairs within a part; 0 for one record. */
static int64_t cohesion(const struct grow_part *part)
{
    return part->inner_known == 0 || part->inner_sum < 0 ? 0 : part->inner_sum / part->inner_known;
}

/* What all pairs of two parts say, and what two parts so firm in themselves ask for.  Pairs that nobody
 * scored speak against it at most. */
static int32_t weigh(const struct grow *grow, const struct grow_link *link)
{
    const struct cluster_rule *rule = &grow->rule;
    const struct grow_part *a = &grow->parts[link->end[0]], *b = &grow->parts[link->end[1]];
    int64_t pairs = (int64_t)a->size * b->size;
    int64_t mean = link->sum / link->known;
    int64_t firm = cohesion(a) < cohesion(b) ? cohesion(a) : cohesion(b);
    if (ruling_of(link) == CLUSTER_SAME)
        return LINK_ALWAYS;
    if (mean > rule->unscored)
        mean = (link->sum + rule->unscored * (pairs - link->known)) / pairs;
    int64_t weight = link->best * (int64_t)rule->best_share + mean * (1024 - rule->best_share) -
                     firm * rule->cohesion_share;
    return (int32_t)(weight / 1024);
}

static bool before(const struct grow_turn *a, const struct grow_turn *b)
{
    if (a->link != b->link)
        return a->link > b->link;
    return a->low != b->low ? a->low < b->low : a->high < b->high;
}

static void push(struct grow *grow, struct grow_turn turn)
{
    size_t at = grow->queue_count++;
    for (; at > 0 && before(&turn, &grow->queue[(at - 1) / 2]); at = (at - 1) / 2)
        grow->queue[at] = grow->queue[(at - 1) / 2];
    grow->queue[at] = turn;
}

static struct grow_turn pop(struct grow *grow)
{
    struct grow_turn top = grow->queue[0];
    struct grow_turn last = grow->queue[--grow->queue_count];
    size_t at = 0;
    for (size_t child = 1; child < grow->queue_count; child = at * 2 + 1) {
        if (child + 1 < grow->queue_count && before(&grow->queue[child + 1], &grow->queue[child]))
            child++;
        if (!before(&grow->queue[child], &last))
            break;
        grow->queue[at] = grow->queue[child];
        at = child;
    }
    grow->queue[at] = last;
    return top;
}

/* Queues a link, unless the rule refuses it.  One that was refused comes again when its ends share another.
 */
static void queue_link(struct grow *grow, uint32_t number)
{
    struct grow_link *link = &grow->links[number];
    const struct grow_part *a = &grow->parts[link->end[0]];
    const struct grow_part *b = &grow->parts[link->end[1]];
    int32_t weight = weigh(grow, link);
    enum cluster_ruling ruling = ruling_of(link);
    link->stamp++;
    if (ruling == CLUSTER_NEVER || ruling == CLUSTER_AGAINST || weight < grow->rule.threshold)
        return;
    if ((a->apart & b->apart) != 0) {
        grow->report->contradicted += ruling == CLUSTER_SAME;
        return;
    }
    push(grow, (struct grow_turn){.link = weight,
                                  .low = a->rank < b->rank ? a->rank : b->rank,
                                  .high = a->rank < b->rank ? b->rank : a->rank,
                                  .at = number,
                                  .stamp = link->stamp});
}

/* Two links between the same parts become one: `from` dies. */
static void unite(struct grow *grow, uint32_t into, uint32_t from)
{
    struct grow_link *a = &grow->links[into];
    struct grow_link *b = &grow->links[from];
    a->sum += b->sum;
    a->known += b->known;
    a->best = b->best > a->best ? b->best : a->best;
    add_rulings(grow, a, b->rulings);
    b->dead = true;
    queue_link(grow, into);
}

/* The links of part `from` become those of part `into`. */
static void take_links(struct grow *grow, uint32_t into, uint32_t from)
{
    uint32_t next;
    for (uint32_t at = grow->parts[from].first; at != GROW_NONE; at = next) {
        uint32_t number = at / 2, side = at % 2;
        struct grow_link *link = &grow->links[number];
        uint32_t other = link->end[1 - side];
        next = link->next[side];
        if (link->dead)
            continue;
        uint32_t twin = find_link(grow, into, other);
        if (twin != GROW_NONE) {
            unite(grow, twin, number);
            grow->parts[other].degree--;
        } else {
            link->end[side] = into;
            hang(grow, number, side);
            register_link(grow, number);
        }
    }
}

static void join_parts(struct grow *grow, struct grow_link *link)
{
    uint32_t a = link->end[0], b = link->end[1];
    struct grow_part *into = &grow->parts[a], *from = &grow->parts[b];
    if (into->degree < from->degree || (into->degree == from->degree && into->rank > from->rank)) {
        a = link->end[1];
        b = link->end[0];
        into = &grow->parts[a];
        from = &grow->parts[b];
    }
    link->dead = true;
    into->degree--;
    into->size += from->size;
    into->inner_known += from->inner_known + link->known;
    into->inner_sum += from->inner_sum + link->sum;
    into->apart |= from->apart;
    into->rank = from->rank < into->rank ? from->rank : into->rank;
    from->parent = a;
    grow->report->joins++;
    take_links(grow, a, b);
}

void grow_join(struct grow *grow)
{
    for (uint32_t i = 0; i < grow->link_count; i++)
        queue_link(grow, i);
    while (grow->queue_count > 0) {
        struct grow_turn turn = pop(grow);
        struct grow_link *link = &grow->links[turn.at];
        if (link->dead || link->stamp != turn.stamp)
            continue;
        grow->report->links++;
        bool apart = (grow->parts[link->end[0]].apart & grow->parts[link->end[1]].apart) != 0;
        if (!apart && weigh(grow, link) >= grow->rule.threshold && weigh(grow, link) >= turn.link - SLACK)
            join_parts(grow, link);
        else
            queue_link(grow, turn.at);
    }
}
