#!/bin/sh
# Breaks the policy tables one row at a time and expects the compiler to refuse each by its theorem.
# usage: theorems.sh SOURCE_ROOT COMPILER...
set -eu
export CCACHE_DISABLE=1 # it does not see that a file now stands before another of the same name
source=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/policy"
status=0

compiles()
{
    "$@" -std=c17 -D_GNU_SOURCE -fsyntax-only -I "$work" -I "$source/src" "$source/src/policy/theorems.c" 2>"$work/errors"
}

# refuses TABLE SED-SCRIPT PHRASE
refuses()
{
    table=$1
    sed -E "$2" "$source/src/policy/$table.def" >"$work/policy/$table.def"
    if cmp -s "$source/src/policy/$table.def" "$work/policy/$table.def"; then
        echo "FAILED: '$2' changes nothing in $table.def"
        status=1
    elif compiles $compiler; then
        echo "FAILED: $table.def after '$2' compiles: $3"
        status=1
    elif ! grep -qF "$3" "$work/errors"; then
        echo "FAILED: $table.def after '$2' is refused, but not because: $3"
        status=1
    else
        echo "refused: $3"
    fi
    rm "$work/policy/$table.def"
}

compiler=$* # it may be two words, as with ccache: split where it is used
if ! compiles $compiler; then
    echo "FAILED: the tables as they stand do not compile"
    cat "$work/errors"
    exit 1
fi
row='^OPERATION\( '
refuses operations "/${row}child_view,/s/LIVE, /NONE, /" "an operation on a child needs a reason"
refuses operations "/${row}child_view,/s/TOKEN, /PUBLIC, /" "an operation on a child is never public"
refuses operations "/${row}child_view,/s/READS, /WRITES, /" "GET never writes"
refuses operations "/${row}child_view,/s/CHILD_VIEWED,/UNRECORDED,/" "only a public page is unrecorded"
refuses operations "/${row}sign_out,/s/SIGNED_OUT,/UNRECORDED,/" "only a public page is unrecorded"
refuses operations "/${row}sign_out,/s/SIGNED_OUT,/REFUSED,/" "a refusal is no operation's own event"
refuses operations "/${row}home,/s/WEB, GET, /WEB, NONE,/" "the web has GET or POST, nothing else has"
refuses operations "/${row}feed_load,/s/NONE, \"/POST, \"/" "the web has GET or POST, nothing else has"
refuses operations "/${row}find_page,/s/TOKEN, /LOCAL, /" "only the command line is local"
refuses operations "/${row}feed_load,/s/FEED,    NONE,  /CHILD,   LIVE,  /" "no child is shown on a command line"
refuses operations "/${row}child_results,/s/LIVE, /STATED,/" "a reason is stated in a form, never in an address"
refuses operations "/${row}find_page,/s#/find\"#/find?name=\"#" "no query in an address"
refuses operations "/${row}child_results,/s/:search/:family/" "an address holds ids of ours only"
refuses operations "/${row}involvement_view,/s/:involvement/:phone/" "an address holds ids of ours only"
refuses operations "/${row}home,/s/\"What ContactPoint is\"/\"\"/" "every operation has a path and help"
refuses roles "\$a MAY( data_officer, child_view )" "no management role acts on a child here"
refuses operations "/${row}case_view,/s/KEY, /TOKEN, /" "who is whom is decided with a security key"
refuses roles "\$a MAY( rights_officer, case_view )" "who is whom is for two kinds of officers"
refuses roles "\$a MAY( calling_system, child_find )" "neither operator nor system sees a child"
refuses roles "\$a MAY( operator, account_view )" "operators act at the machine, and only they"
refuses roles "\$a MAY( user_manager, feed_load )" "operators act at the machine, and only they"
refuses roles "\$a MAY( practitioner, home )" "a public page needs no role"
refuses roles "\$a MAY( practitioner, account_create )" "practitioners use the web"
refuses operations "/${row}approval_view,/s/KEY, /TOKEN, /" "matters are worked with a security key"
refuses roles "\$a MAY( national_administrator, approval_view )" "matters are for the teams of authorities"
refuses roles "\$a MAY( practitioner, approval_view )" "matters are for the teams of authorities"
refuses disclosure "\$a SEE( officer, SEALED, IDENTITY )" "an archived or sealed record shows nothing"
refuses disclosure "\$a SEE( practitioner, ARCHIVED, IDENTITY )" "an archived or sealed record shows nothing"
refuses disclosure "\$a SEE( practitioner, SHIELDED, WHEREABOUTS )" "a shield hides all but identity"
refuses disclosure "\$a SEE( overrider, LIVE, IDENTITY )" "an override opens a shield and nothing else"
refuses disclosure "\$a SEE( practitioner, LIVE, SENSITIVE )" "sensitive services show as one line only"
refuses disclosure "\$a SEE( overrider, SHIELDED, SENSITIVE )" "sensitive services show as one line only"
refuses disclosure "\$a SEE( practitioner, LIVE, NUMBERS )" "for the officer of a case alone"
refuses disclosure "\$a SEE( overrider, SHIELDED, CUSTODY )" "for the officer of a case alone"
refuses seconds "\$a SECOND( sign_out )" "a second person confirms with a security key"
refuses seconds "\$a SECOND( shield_view )" "a second person confirms by a form"
exit "$status"
