/* Which records are of one person: a partition of records from scored pairs (linkage.md §2, Clusters).
 *
 * Connected components chain: one mistaken pair merges two people.  So a part grows by its strongest link
 * first, and the link of two parts is what all pairs between them say together, those that speak against them
 * and those that nobody scored included.  The outcome depends on contents and weights alone: not on the order
 * of records or pairs, not on threads. */
#ifndef MATCH_CLUSTER_H
#define MATCH_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* What is known of a pair beyond its weight. */
enum cluster_ruling {
    CLUSTER_WEIGHED = 1, /* the weight alone */
    CLUSTER_AGAINST,     /* evidence that they are two people: conflicting numbers, twins' names */
    CLUSTER_SAME,        /* people have decided: one person; goes before CLUSTER_AGAINST */
    CLUSTER_NEVER,       /* people have decided: two people; goes before CLUSTER_SAME */
};

struct cluster_edge {
    uint32_t a; /* a != b, in either order; a pair given several times counts once, by its highest ruling and
                   weight */
    uint32_t b;
    int32_t weight; /* log2 of the odds of one person, 1/1024 bit, the prior included */
    enum cluster_ruling ruling;
};

struct cluster_nodes {
    uint32_t count;
    /* Of each record's whole content: ties go by it, and records of one key, of which any pair is scored at
     * the threshold or more, are one person even where the other pairs were too many to score. */
    const uint64_t *keys;
    /* NULL, or of each record a mask: two records that share a bit are never of one person.  For sources that
     * hold nobody twice. */
    const uint32_t *apart;
    unsigned threads; /* 0 or 1: the caller's alone; at most CLUSTER_THREADS_MAX */
};

enum { CLUSTER_THREADS_MAX = 64 };

/* Weights in 1/1024 bit. */
struct cluster_rule {
    int32_t threshold;  /* two parts join from this link on */
    int32_t unscored;   /* what a pair counts that nobody scored; at most the threshold */
    int32_t ceiling;    /* a pair counts at most this ... */
    int32_t floor;      /* ... and at least this */
    int32_t best_share; /* of 1024: how much of a link is its best pair; the rest is the mean of all pairs */
    /* Of 1024: the share of the mean weight within the looser of two parts that their link has to reach.  A
     * difference that several records repeat on either side is no slip: so twins stay two. */
    int32_t cohesion_share;
};

/* Good for records of people. */
struct cluster_rule cluster_rule(void);

struct cluster_report {
    uint32_t clusters;     /* of one record too */
    uint32_t largest;      /* records of the largest */
    uint64_t joins;        /* work counters, equal for any order */
    uint64_t links;        /* links between parts that were looked at */
    uint64_t contradicted; /* decisions CLUSTER_SAME that a decision CLUSTER_NEVER or `apart` made void */
};

/* Sets cluster[i], for each of nodes->count records, to the lowest record of its cluster.  ret_report may be
 * NULL. Takes about 110 bytes for each pair of the largest connected component and 4 for each other, and time
 * in proportion to the pairs.  FAULT_MEMORY; cluster is then undefined. */
MUST_USE enum fault cluster_find(const struct cluster_nodes *nodes, const struct cluster_edge *edges,
                                 size_t edge_count, const struct cluster_rule *rule, uint32_t *cluster,
                                 struct cluster_report *ret_report);

#endif
