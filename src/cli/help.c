#include "cli/help.h"

#include <string.h>

enum { HELP_COLUMNS = 78 };

void help_usage(FILE *to, const struct command *command)
{
    (void)fprintf(to, "usage: contactpoint %s", command->words);
    for (int i = 0; i < OPTIONS_END; i++) {
        if ((command->options & UINT32_C(1) << i) == 0)
            continue;
        bool needed = (command->required & UINT32_C(1) << i) != 0;
        const struct option_row *row = option_row((enum option)i);
        (void)fprintf(to, " %s--%s%s%s%s", needed ? "" : "[", row->name, row->value == NULL ? "" : " ",
                      row->value == NULL ? "" : row->value, needed ? "" : "]");
    }
    (void)fprintf(to, "%s%s\n", command->plain[0] == '\0' ? "" : " ", command->plain);
}

void help_all(FILE *to)
{
    (void)fprintf(to, "ContactPoint: who else is working with this child?\n\n"
                      "usage: contactpoint COMMAND ...\n"
                      "       contactpoint help COMMAND\n"
                      "       contactpoint --version\n\n");
    for (int i = 0; command_at(i) != NULL; i++) {
        const struct command *command = command_at(i);
        (void)fprintf(to, "  %-16s %.*s\n", command->words, (int)strcspn(command->help, "."), command->help);
    }
}

/* Text in lines, cut at blanks. */
static void put_lines(FILE *to, const char *text)
{
    while (*text != '\0') {
        size_t len = strlen(text);
        if (len > HELP_COLUMNS) {
            len = HELP_COLUMNS;
            while (len > 0 && text[len] != ' ')
                len--;
        }
        (void)fprintf(to, "%.*s\n", (int)len, text);
        text += len + strspn(text + len, " ");
    }
}

void help_command(FILE *to, const struct command *command)
{
    help_usage(to, command);
    (void)fputc('\n', to);
    put_lines(to, command->help);
    if (command->options != 0)
        (void)fputc('\n', to);
    for (int i = 0; i < OPTIONS_END; i++) {
        if ((command->options & UINT32_C(1) << i) == 0)
            continue;
        const struct option_row *row = option_row((enum option)i);
        char name[64];
        (void)snprintf(name, sizeof name, "--%s %s", row->name, row->value == NULL ? "" : row->value);
        (void)fprintf(to, "  %-20s %s\n", name, row->help);
    }
}
