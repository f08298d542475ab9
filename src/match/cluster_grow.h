/* One connected component, taken apart into people: cluster.c fills it, cluster_grow joins its parts. */
#ifndef MATCH_CLUSTER_GROW_H
#define MATCH_CLUSTER_GROW_H

#include "match/cluster.h"

/* Records of a component are numbered from 0 in the order of their contents.  A part goes under the number of
 * one of its records, its root. */
struct grow_part {
    uint32_t parent; /* itself: a root */
    uint32_t size;
    uint32_t first;  /* link, and side of it: twice its number and side; GROW_NONE */
    uint32_t degree; /* links alive */
    uint32_t rank;   /* the lowest record of the part */
    uint32_t apart;
    uint32_t inner_known; /* scored pairs within, and the sum of their weights */
    int64_t inner_sum;
};

/* All scored pairs between two parts. */
struct grow_link {
    uint32_t end[2]; /* roots */
    uint32_t next[2];
    int64_t sum; /* of the weights */
    uint32_t known;
    int32_t best;
    uint32_t stamp;  /* of its latest place in the queue */
    uint8_t rulings; /* bit 1 << enum cluster_ruling of each pair's; the highest counts */
    bool dead;
};

struct grow_turn {
    int32_t link;
    uint32_t low; /* ranks of the two parts: ties go by content */
    uint32_t high;
    uint32_t at;
    uint32_t stamp;
};

struct grow {
    struct cluster_rule rule;
    struct cluster_report *report;
    struct grow_part *parts;
    uint32_t part_count;
    struct grow_link *links;
    uint32_t link_count;
    uint32_t *table; /* of links by their ends: number + 1; 0 is empty; what died or moved on stays until it
                        is full */
    uint32_t table_mask;
    uint32_t table_used;
    struct grow_turn *queue; /* a heap, the strongest first */
    size_t queue_count;
};

enum { GROW_NONE = UINT32_MAX };

/* Room for components of that many records and pairs.  FAULT_MEMORY; close it then too. */
MUST_USE enum fault grow_open(struct grow *grow, uint32_t parts_max, uint32_t links_max);
void grow_close(struct grow *grow);

/* An empty component, to which at most that many pairs will be added. */
void grow_start(struct grow *grow, uint32_t links_max);
void grow_add_part(struct grow *grow, uint32_t apart);
/* A scored pair of two parts already added; a pair given before counts once. */
void grow_add_pair(struct grow *grow, uint32_t a, uint32_t b, const struct cluster_edge *edge);

/* Joins parts until no link is left that the rule accepts. */
void grow_join(struct grow *grow);

/* The root of a record's part. */
uint32_t grow_root(struct grow *grow, uint32_t part);

#endif
