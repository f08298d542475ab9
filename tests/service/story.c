#include "story.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES_MAX = 2048 };

struct str story_take(struct story *story)
{
    if (story->next == story->word_count)
        STORY_FAIL(story, "the line ends too early");
    return story->words[story->next++];
}

bool story_accept(struct story *story, const char *word)
{
    if (story->next == story->word_count || !str_equal(story->words[story->next], str_of(word)))
        return false;
    story->next++;
    return true;
}

bool story_is_over(const struct story *story)
{
    return story->next == story->word_count;
}

int64_t story_take_number(struct story *story)
{
    struct str word = story_take(story);
    int64_t number = 0;
    if (word.len > 0 && word.at[0] == '+')
        word = (struct str){word.at + 1, word.len - 1};
    if (!str_to_int(word, 0, INT64_C(1000000000), &number))
        STORY_FAIL(story, "a number is wanted instead of %.*s", (int)word.len, word.at);
    return number;
}

const char *story_take_text(struct story *story)
{
    struct str word = story_take(story), copy;
    assert_int_equal(arena_copy(story->house->arena, word, &copy), FAULT_NONE);
    return copy.at;
}

/* Words between blanks; what stands in quotes is one word. */
static void split(struct story *story, struct str line)
{
    story->word_count = 0;
    story->next = 0;
    size_t i = 0;
    while (i < line.len) {
        char c = line.at[i];
        if (c == ' ' || c == '\t') {
            i++;
            continue;
        }
        if (c == '#')
            return;
        bool quoted = c == '"';
        size_t from = quoted ? ++i : i;
        while (i < line.len && (quoted ? line.at[i] != '"' : line.at[i] != ' '))
            i++;
        if (story->word_count == STORY_WORDS_MAX)
            STORY_FAIL(story, "the line has too many words");
        story->words[story->word_count++] = (struct str){line.at + from, i - from};
        i += quoted && i < line.len;
    }
}

static void run_line(struct story *story, const char *text)
{
    struct str line;
    assert_int_equal(arena_copy(story->house->arena, str_trim(str_of(text)), &line), FAULT_NONE);
    split(story, line);
    if (story->word_count == 0)
        return;
    print_message("%3d %.*s\n", story->line, (int)line.len, line.at);
    struct str verb = story_take(story);
    if (str_equal(verb, STR("expect")))
        story_expect(story);
    else if (!story_act(story, verb))
        STORY_FAIL(story, "no step begins with %.*s", (int)verb.len, verb.at);
    if (!story_is_over(story))
        STORY_FAIL(story, "too much stands behind the step");
}

static void run_story(void **state)
{
    struct story *story = *state;
    char text[LINE_BYTES_MAX];
    FILE *file = fopen(story->path, "r");
    assert_non_null(file);
    while (fgets(text, sizeof text, file) != NULL) {
        story->line++;
        run_line(story, text);
    }
    (void)fclose(file);
    house_check_log(story->house);
}

static int open_story(void **state)
{
    struct story *story = *state;
    story->house = house_open();
    story->seat.house = story->house;
    story->seat.cookie = (struct str){"", 0};
    return 0;
}

static int close_story(void **state)
{
    struct story *story = *state;
    house_close(story->house);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: story FILE\n", stderr);
        return 2;
    }
    struct story *story = calloc(1, sizeof *story);
    if (story == NULL)
        return 1;
    story->path = argv[1];
    const struct CMUnitTest tests[] = {{argv[1], run_story, open_story, close_story, story}};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(story);
    return failed;
}
