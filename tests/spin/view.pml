/* Who still sees a record when sight of it is taken away (security.md, 4): revoke, shield, approve, override and view, on
 * two servers that share a store and follow one another (architecture.md, 6).
 *
 * One session asks for one child's record, on both servers at once.  Meanwhile a manager suspends the account, an officer
 * shields the child, two officers lift the shield, and the session overrides it and leaves again: in every order.
 *
 *     no_view_after_revocation    a request that begins once the suspension is acknowledged shows nothing
 *     no_sight_after_the_shield   once a shield is acknowledged nothing hidden is shown or found, but by an override
 *     no_sight_after_leaving      a request that begins once the override is left shows nothing hidden
 *     entered_as_it_is            no entry says that something was shown which the store has hidden by then
 *     two_lift                    a shield is lowered by two who are not one person
 *
 * Each of these flags leaves out what a property leans on, and `run` sees to it that the property then fails:
 * CACHED_CALLER, NO_REREAD, NO_WAIT, UNCHECKED_SEEN, KEPT_OVERRIDE, ONE_OFFICER. */

#define SERVERS 2

/* The store: each atomic step on it is one transaction. */
bool account_active = true;
bool shielded = false;
byte version = 0; /* of the child's row */
bool overriding = false;
byte first = 0; /* of two officers: who has asked */

/* Each server. */
bool index_hides[SERVERS];
byte under_way[SERVERS]; /* requests that may show what was so before */
byte seen[SERVERS];      /* what it has told the others: nobody it serves can be shown an older state */
bool cached_active[SERVERS] = true;

/* What has been acknowledged to whoever did it. */
bool revoked = false;
bool hidden_now = false;
bool left = false;

proctype Request(byte server; bool by_search)
{
    bool began_revoked, began_left, may_act, saw_shield, saw_override;
    byte saw_version;

    /* Begins; caller, override and state are one snapshot. */
    atomic {
        began_revoked = revoked;
        began_left = left;
        under_way[server]++;
#ifdef CACHED_CALLER
        may_act = cached_active[server];
        cached_active[server] = account_active;
#else
        may_act = account_active;
#endif
        saw_override = overriding;
        saw_shield = shielded;
        saw_version = version;
    }
    if
    :: may_act && by_search -> /* by a hidden field: what the index has; an override widens no search */
        atomic {
            saw_shield = index_hides[server];
            saw_override = false;
        }
    :: else -> skip
    fi;
    /* The entry's transaction: what has changed since shows nothing. */
    atomic {
#ifndef NO_REREAD
        if
        :: shielded != saw_shield || (!by_search && version != saw_version) -> may_act = false
        :: else -> skip
        fi;
#endif
        assert(!may_act || saw_shield || !shielded) /* entered_as_it_is */
    }
    /* Released. */
    atomic {
        if
        :: !may_act -> skip
        :: else ->
            assert(!began_revoked); /* no_view_after_revocation */
            if
            :: !saw_shield -> assert(!hidden_now)   /* no_sight_after_the_shield */
            :: saw_shield && saw_override -> assert(!began_left) /* no_sight_after_leaving */
            :: else -> skip /* the four fields that everybody sees */
            fi
        fi;
        under_way[server]--;
        began_revoked = false; /* what is over tells no two orders apart */
        began_left = false;
        may_act = false;
        saw_shield = false;
        saw_override = false;
        saw_version = 0
    }
}

/* Brings a server's index up to date, and says so once whoever may have looked before has left. */
proctype Follower(byte server)
{
    byte told;
end:
    do
    :: seen[server] != version ->
        atomic {
            index_hides[server] = shielded;
            told = version
        }
#ifdef UNCHECKED_SEEN
        atomic { seen[server] = told; told = 0 }
#else
        atomic { under_way[server] == 0 -> seen[server] = told; told = 0 } /* in the program an epoch's guests */
#endif
    od
}

/* R3.3 */
proctype Manager()
{
    atomic { account_active = false; revoked = true }
}

/* R9.2: provisional at once, acknowledged once every server has it. */
proctype Shielding()
{
    byte mine;
    atomic {
        if
        :: shielded -> goto done
        :: else -> shielded = true; version++; mine = version
        fi
    }
#ifndef NO_WAIT
    seen[0] >= mine && seen[1] >= mine;
#endif
    atomic {
        if
        :: shielded && version == mine -> hidden_now = true
        :: else -> skip /* lifted meanwhile */
        fi;
        mine = 0
    }
done:
    skip
}

/* R9.7: asks, or agrees to what another asked; or neither. */
proctype Officer(byte me)
{
    if
    :: atomic { shielded && first == 0 -> first = me }
    :: skip
    fi;
    if
    :: atomic {
#ifdef ONE_OFFICER
        shielded && first != 0 ->
#else
        shielded && first != 0 && first != me ->
#endif
        assert(first != me); /* two_lift */
        shielded = false;
        hidden_now = false;
        version++;
        first = 0
       }
    :: skip
    fi
}

/* R10: for as long as the session stays with the record. */
proctype Overrider()
{
    atomic {
        if
        :: account_active && shielded -> overriding = true
        :: else -> goto done
        fi
    }
    atomic {
#ifndef KEPT_OVERRIDE
        overriding = false;
#endif
        left = true
    };
done:
    skip
}

init
{
    atomic {
        run Follower(0);
        run Follower(1);
        run Manager();
        run Shielding();
        run Officer(1);
        run Officer(2);
        run Overrider();
        run Request(0, false);
        run Request(1, true)
    }
}
