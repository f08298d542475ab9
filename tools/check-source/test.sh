#!/bin/sh
# Feeds check-source bad snippets, one at a time, and expects each to be refused with its message, and good ones to pass.
# usage: test.sh CHECK_SOURCE
set -eu
program=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/docs"
printf '## R8 Sensitive services\n\n- R8.3 (built) One line.\n' >"$root/docs/rules.md"
status=0

# check FILE TEXT: runs the program over one file; its findings are in $found.
check()
{
    mkdir -p "$root/$(dirname "$1")"
    printf '%s\n' "$2" >"$root/$1"
    if found=$(echo "$1" | "$program" "$root"); then
        verdict=passed
    else
        verdict=refused
    fi
    rm "$root/$1"
}

refuses()
{
    check "$1" "$2"
    case "$verdict:$found" in
    "refused:$1:$4: "*"$3"*) echo "refused: $1: $3" ;;
    *)
        echo "FAILED: $1 should be refused in line $4 with '$3', but $verdict: $found"
        status=1
        ;;
    esac
}

passes()
{
    check "$1" "$2"
    if [ "$verdict" = passed ]; then
        echo "passed: $1"
    else
        echo "FAILED: $1 should pass, but: $found"
        status=1
    fi
}

up='lies on no floor beneath'
refuses src/base/a.c '#include "policy/policy.h"' "$up" 1
refuses src/match/a.c '#include "audit/audit.h"' "$up" 1
refuses src/audit/a.c '#include "match/match.h"' "$up" 1
refuses src/match/a.c '#  include "registry/child.h"' "$up" 1
refuses src/access/a.h '#include "service/service.h"' "$up" 1
refuses src/web/a.c '#include "store/db.h"' "$up" 1
refuses src/web/a.c '#include "access/access.h"' "$up" 1
refuses src/web/a.c '#include "registry/layout.def"' "$up" 1
refuses src/feed/a.c '#include "registry/child.h"' "$up" 1
refuses src/feed/a.c '#include "web/http.h"' "$up" 1
refuses src/cli/a.c '#include "vault/vault.h"' "$up" 1
passes src/web/a.c '#include "access/view.h"'
passes src/feed/a.c '#include "registry/layout.def"'
passes src/registry/a.c '#include "match/match.h"'
passes tests/base/a.c '#include "service/service.h"'
passes src/base/a.c '/* #include "policy/policy.h" */'

for call in strcpy strcat sprintf vsprintf strtok alloca gets system popen atoi rand; do
    refuses src/base/a.c "int a;
int b = $call(x);" "$call() is banned" 2
done
refuses tools/a/a.c 'atoi (x);' 'atoi() is banned' 1
passes src/base/a.c 'snprintf(a); fgets(b); my_system(c); file->system(d); int rand; /* sprintf(e) */ "gets(f)";'

for verb in SELECT INSERT UPDATE DELETE CREATE PRAGMA; do
    refuses src/registry/a.c "f(\"$verb x\");" 'SQL in C' 1
done
refuses src/registry/a.c 'f("BEGIN");' 'SQL in C' 1
refuses src/service/a.c 'f(
  " SELECT 1");' 'SQL in C' 2
passes src/store/a.c 'f("SELECT 1");'
passes src/web/a.c 'f("SELECTED"); g("Select one"); h("Do not DELETE");'

refuses src/web/a.c 'permit_issue_child_view(&d);' 'only src/service/ issues permits' 1
refuses src/registry/a.c 'f = permit_issue_sign_out;' 'only src/service/ issues permits' 1
show='only src/service/ opens records to show them'
side='only src/service/ opens records to lay them side by side'
write='only src/service/ and merging, splitting and closing records open them to write'
link='only feeds, training, the index and its snapshot open records for linkage'
own='only src/access/ and src/registry/ open what the service keeps for itself'
refuses src/registry/child.c 'vault_for_display(vault, permit);' "$show" 1
refuses src/access/a.c 'vault_for_display(vault, permit);' "$show" 1
refuses src/registry/a.c 'vault_for_case(vault, permit);' "$side" 1
refuses src/registry/child.c 'vault_for_writing(vault, permit);' "$write" 1
refuses src/service/child.c 'f(vault_for_misuse(vault, permit));' 'only the question about' 1
refuses src/service/a.c 'vault_for_linkage(vault);' "$link" 1
refuses src/registry/child.c 'vault_for_linkage(vault);' "$link" 1
refuses src/access/a.c 'vault_for_linkage(vault);' "$link" 1
refuses src/registry/a.c 'vault_for_audit(vault);' 'only src/audit/' 1
refuses src/service/a.c 'f = vault_for_own;' "$own" 1
refuses src/audit/a.c 'vault_for_own(vault);' "$own" 1
passes src/registry/rebuild.c 'vault_for_linkage(vault);'
passes src/service/snapshot_file.c 'vault_for_linkage(vault).purpose;'
passes src/service/a.c 'vault_for_display(vault, permit); vault_for_writing(vault, permit); vault_for_case(vault, permit);'
passes src/registry/merge.c 'vault_for_writing(vault, permit); vault_for_own(vault);'
passes src/service/own_child.c 'vault_for_misuse(vault, permit);'
passes src/audit/a.c 'vault_for_audit(vault);'
passes tests/a/a.c 'vault_for_linkage(vault); vault_for_display(vault, permit); vault_for_own(vault);'
issued='a permit is issued, not filled in'
stated='a purpose is stated, not filled in'
refuses src/service/a.c 'f((struct permit_child_view){.permit = p});' "$issued" 1
refuses src/service/a.c 'f(&(const struct permit) {0});' "$issued" 1
refuses src/registry/a.c 'const struct permit permit = {.operation = 1};' "$issued" 1
refuses src/service/a.c 'struct vault_purpose mine =
    {.vault = vault};' "$stated" 1
refuses src/registry/a.c 'f((struct vault_linkage){purpose});' "$stated" 1
passes src/service/a.c 'struct permit_child_view permit; f((const struct permit *)at); struct vault_purpose p = f();'
passes src/service/a.c 'struct x { struct vault_purpose display; const struct permit *permit; }; struct y z = {0};'
passes src/policy/permit.c 'struct permit permit = {.operation = 1};'
passes tests/a/a.c 'struct permit permit = {0}; f((struct vault_purpose){0});'
refuses src/registry/a.c '
f(SQL_child_key_insert);' 'calls wrapping_agree' 2
refuses src/store/a.c 'f(SQL_house_key_add, wrapping_agree);' 'calls wrapping_agree' 1
passes src/store/a.c 'f(SQL_house_key_add); wrapping_agree(tx);'
passes src/store/check_jobs.c 'f(SQL_house_key_add);'
passes tests/store/a.c 'f(SQL_child_key_insert);'
passes src/service/a.c 'permit_issue_child_view(&d);'
passes tests/registry/a.c 'permit_issue_child_view(&d);'

trace='names a machine or a package registry'
for folder in work home root Users; do
    refuses docs/a.md "see /$folder/somewhere" "$trace" 1
done
refuses tools/start 'cd "/'tmp/b-'x"' "$trace" 1
refuses package.json "{
  \"a\": \"https:""//registry.example/a\" }" "$trace" 2
refuses docs/a.md "deb http:""//deb.example/debian" "$trace" 1
passes docs/a.md 'social/work/ and a/home/ and /var/lib/contactpoint and https://example.org/'

refuses src/base/a.c '/* why
 * R8.4 */' 'R8.4 stands not in docs/rules.md' 2
refuses src/base/a.c 'int a; // R9' 'R9 stands not' 1
refuses src/store/sql/a.sql 'x
-- R12.3' 'R12.3 stands not' 2
passes src/base/a.c '/* R8.3, R8; not CR9, R9x, _R9 or X-R9 */ char *a = "R9";'

refuses src/web/page.c '#include <microhttpd.h>' 'only src/web/http.c' 1
refuses src/registry/a.c '#include <sqlite3.h>' 'only src/store/' 1
refuses src/web/http.c '#include <libpq-fe.h>' 'only src/store/' 1
passes src/web/http.c '#include <microhttpd.h>'
passes src/store/a.c '#include <sqlite3.h>'
exit "$status"
