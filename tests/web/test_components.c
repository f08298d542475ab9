/* Our partials against the fixtures that govuk-frontend ships: the same options must give the same HTML,
 * white space apart.  What we do not offer stands in components/unsupported.txt, each with its reason, and
 * nothing stands there that we do offer.
 *
 * Usage: test_components COMPONENTS-FOLDER UNSUPPORTED-LIST   (--list prints what the list should hold) */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "partials.h"

static const char *components_folder, *list_path;
static bool listing;

#define FIELD                                                                                                \
    "id name label.text label.classes label.isPageHeading hint.text errorMessage.text classes describedBy "  \
    "formGroup.classes disabled value "
#define CHOICE                                                                                               \
    "idPrefix name fieldset.legend.text fieldset.legend.classes fieldset.legend.isPageHeading "              \
    "fieldset.classes fieldset.describedBy hint.text errorMessage.text classes formGroup.classes "           \
    "items[].id items[].value items[].text items[].hint.text items[].checked items[].disabled "              \
    "items[].divider "

/* The components that our pages use, and the options that their partials offer. */
static const struct component {
    const char *name;
    void (*render)(struct fixture *fixture, struct buffer *html);
    const char *options;
} components[] = {
    {"back-link", partial_back_link, "text href classes"},
    {"button", partial_button,
     "text classes id name value type href disabled preventDoubleClick isStartButton"},
    {"checkboxes", partial_checkboxes, CHOICE "values[]"},
    {"date-input", partial_date_input,
     "id namePrefix fieldset.legend.text fieldset.describedBy hint.text errorMessage.text classes "
     "formGroup.classes values.* items[].name items[].classes items[].id items[].value items[].label "
     "items[].autocomplete items[].pattern items[].inputmode"},
    {"details", partial_details, "id classes summaryText text open"},
    {"error-message", partial_error_message, "id classes text visuallyHiddenText"},
    {"error-summary", partial_error_summary,
     "titleText descriptionText classes disableAutoFocus errorList[].text errorList[].href"},
    {"generic-header", partial_generic_header, "logoText url classes containerClasses"},
    {"hint", partial_hint, "id classes text"},
    {"input", partial_input,
     FIELD "type spellcheck autocomplete autocapitalize pattern inputmode prefix.text prefix.classes "
           "suffix.text suffix.classes"},
    {"inset-text", partial_inset_text, "id classes text"},
    {"label", partial_label, "text classes for isPageHeading"},
    {"phase-banner", partial_phase_banner, "tag.text tag.classes text classes"},
    {"radios", partial_radios, CHOICE "value"},
    {"select", partial_select, FIELD "items[].value items[].text items[].selected items[].disabled"},
    {"service-navigation", partial_service_navigation,
     "ariaLabel serviceName serviceUrl classes menuButtonText menuButtonLabel navigationLabel "
     "navigationClasses navigationId collapseNavigationOnMobile navigation[].text navigation[].href "
     "navigation[].active navigation[].current"},
    {"skip-link", partial_skip_link, "text href classes"},
    {"summary-list", partial_summary_list,
     "classes card.title.text card.classes rows[].classes rows[].key.text rows[].key.classes "
     "rows[].value.text rows[].value.classes rows[].actions.items[].text rows[].actions.items[].href "
     "rows[].actions.items[].visuallyHiddenText rows[].actions.items[].classes"},
    {"table", partial_table,
     "classes caption captionClasses firstCellIsHeader head[].text head[].format head[].classes "
     "head[].colspan head[].rowspan rows[][].text rows[][].format rows[][].classes rows[][].colspan "
     "rows[][].rowspan"},
    {"tag", partial_tag, "text classes"},
    {"textarea", partial_textarea, FIELD "spellcheck autocomplete rows"},
    {"warning-text", partial_warning_text, "text iconFallbackText classes"},
};

/* Why an option that a partial does not offer is not offered. */
static const char *reason_for(const char *option)
{
    static char reason[300];
    size_t len = strlen(option);
    const char *why = "an option that no page of ours needs";
    if (strstr(option, "html") != NULL || strstr(option, "Html") != NULL || strstr(option, "slots") != NULL)
        why = "raw HTML, which templates refuse";
    else if (strstr(option, "ttributes.") != NULL)
        why = "free attributes, which templates refuse";
    else if (len > 2 && strcmp(option + len - 2, "[]") == 0)
        why = "an item that is not there";
    snprintf(reason, sizeof reason, "%s: %s", option, why);
    return reason;
}

/* "component: fixture: …" at the start of a line of the list. */
static bool is_listed(const char *list, const char *component, const char *fixture)
{
    char start[300];
    snprintf(start, sizeof start, "\n%s: %s: ", component, fixture);
    return strstr(list, start) != NULL;
}

static size_t matched, unsupported, wrong;

static void judge(const struct component *component, const json_t *fixture, struct str html,
                  const char *reason, const char *list)
{
    const char *name = json_string_value(json_object_get(fixture, "name"));
    bool listed = is_listed(list, component->name, name);
    if (listing && reason != NULL)
        printf("%s: %s: %s\n", component->name, name, reason);
    if (reason != NULL) {
        unsupported++;
        if (!listed && !listing) {
            print_error("%s: %s is not offered (%s) and not listed\n", component->name, name, reason);
            wrong++;
        }
        return;
    }
    char *ours = fixture_normal(html);
    char *theirs = fixture_normal(str_of(json_string_value(json_object_get(fixture, "html"))));
    bool same = strcmp(ours, theirs) == 0;
    matched += same;
    if (!same || listed) {
        print_error("%s: %s %s\n  ours:   %s\n  theirs: %s\n", component->name, name,
                    listed ? "is listed as unsupported, but offered" : "differs", ours, theirs);
        wrong++;
    }
    free(ours);
    free(theirs);
}

static void check_component(const struct component *component, const char *list)
{
    char path[600];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s/fixtures.json", components_folder, component->name);
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(file);
    const json_t *fixtures = json_object_get(file, "fixtures");
    assert_true(json_array_size(fixtures) > 0);
    for (size_t i = 0; i < json_array_size(fixtures); i++) {
        const json_t *one = json_array_get(fixtures, i);
        struct fixture fixture = {.options = json_object_get(one, "options")};
        struct buffer html = buffer_open(1024 * 1024);
        assert_int_equal(arena_open(1024 * 1024, &fixture.arena), FAULT_NONE);
        const char *unknown = fixture_unknown_option(fixture.options, component->options);
        if (unknown == NULL)
            component->render(&fixture, &html);
        assert_int_equal(buffer_fault(&html), FAULT_NONE);
        judge(component, one, buffer_str(&html), unknown != NULL ? reason_for(unknown) : fixture.unsupported,
              list);
        buffer_close(&html);
        arena_close(fixture.arena);
    }
    json_decref(file);
}

/* A component that the package ships is checked, or listed as one that no page uses. */
static void check_unused(const char *list)
{
    DIR *folder = opendir(components_folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        bool ours = strchr(entry->d_name, '.') != NULL; /* not a component's folder */
        for (size_t i = 0; i < sizeof components / sizeof components[0]; i++)
            ours = ours || strcmp(components[i].name, entry->d_name) == 0;
        if (listing && !ours)
            printf("%s: *: no page uses it\n", entry->d_name);
        if (!listing && ours == is_listed(list, entry->d_name, "*")) {
            print_error("%s should be %s\n", entry->d_name, ours ? "no longer listed" : "listed as unused");
            wrong++;
        }
    }
    closedir(folder);
}

static char *read_list(void)
{
    FILE *file = fopen(list_path, "rb");
    char *list = calloc(1, 128 * 1024);
    assert_non_null(list);
    list[0] = '\n';
    if (file != NULL) {
        assert_true(fread(list + 1, 1, 128 * 1024 - 2, file) < 128 * 1024 - 2);
        fclose(file);
    } else {
        assert_true(listing);
    }
    return list;
}

static void every_partial_gives_govuk_frontend_s_html(void **state)
{
    struct stat there;
    (void)state;
    if (stat(components_folder, &there) != 0) {
        print_message("skipped: govuk-frontend is not installed (make setup)\n");
        skip();
    }
    char *list = read_list();
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++)
        check_component(&components[i], list);
    check_unused(list);
    free(list);
    print_message("%zu fixtures match, %zu are listed as unsupported\n", matched, unsupported);
    if (!listing)
        assert_int_equal(wrong, 0);
    assert_true(matched > 200);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_partial_gives_govuk_frontend_s_html)};
    if (argc < 3) {
        fputs("usage: test_components COMPONENTS-FOLDER UNSUPPORTED-LIST [--list]\n", stderr);
        return 2;
    }
    components_folder = argv[1];
    list_path = argv[2];
    listing = argc > 3 && strcmp(argv[3], "--list") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
