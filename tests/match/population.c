#include "population.h"

#include <stdio.h>

static const char *const FAMILIES[] = {
    "Smith",       "Jones",      "Taylor",    "Brown",        "Williams",   "Wilson",
    "Johnson",     "Davies",     "Patel",     "Khan",         "Wright",     "Walker",
    "Hussain",     "Ahmed",      "Begum",     "Hughes",       "Okafor",     "Nowak",
    "O'Connor",    "Fitzgerald", "MacDonald", "Llewellyn",    "Whitehouse", "Pemberton",
    "Szczepaniak", "Adebayo",    "Chaudhry",  "Featherstone", "Kowalczyk",  "Papadopoulos",
};
static const char *const GIVENS[] = {
    "Oliver", "Amelia", "Jack",    "Isla",    "Harry", "Emily",   "Muhammad", "Olivia",    "George",
    "Ava",    "Noah",   "Jessica", "Leo",     "Poppy", "Charlie", "Sophie",   "Jacob",     "Aisha",
    "Alfie",  "Maryam", "Freddie", "Zuzanna", "Theo",  "Chidera", "William",  "Charlotte", "Ethan",
    "Grace",  "Dylan",  "Phoebe",  "Rhys",    "Megan", "Yusuf",   "Fatima",   "Jakub",     "Maja",
};
static const char *const ENDINGS[] = {"",    "",      "",    "son", "ton", "field",
                                      "ley", "worth", "man", "er",  "ham", "well"};

static const char *pick(struct stream *stream, const char *const *words, size_t count)
{
    /* the first are the commonest */
    uint64_t a = stream_below(stream, count);
    uint64_t b = stream_below(stream, count);
    return words[a < b ? a : b];
}

void population_child(uint64_t number, struct synthetic *ret_child)
{
    bool twin = number % 7 == 6;
    struct stream family = stream_of(1000003 + (twin ? number - 1 : number));
    struct stream own = stream_of(2000003 + number);
    (void)snprintf(ret_child->family, sizeof(ret_child->family), "%s%s",
                   pick(&family, FAMILIES, sizeof(FAMILIES) / sizeof(FAMILIES[0])),
                   ENDINGS[stream_below(&family, 12)]);
    (void)snprintf(ret_child->carer, sizeof(ret_child->carer), "%s", pick(&family, GIVENS, 36));
    (void)snprintf(ret_child->postcode, sizeof(ret_child->postcode), "LS%u %u%c%c",
                   (unsigned)stream_below(&family, 28) + 1, (unsigned)stream_below(&family, 10),
                   (char)('A' + stream_below(&family, 20)), (char)('A' + stream_below(&family, 20)));
    ret_child->birth = day_of_number(13514 + (int32_t)stream_below(&family, 6570));
    (void)snprintf(ret_child->given, sizeof(ret_child->given), "%s", pick(&own, GIVENS, 36));
    (void)snprintf(ret_child->nhs, sizeof(ret_child->nhs), "%010u", (unsigned)(4000000000u + number * 17));
    ret_child->sex = stream_below(&own, 2) == 0 ? SEX_FEMALE : SEX_MALE;
}

struct person population_person(const struct synthetic *child, bool with_number)
{
    struct person person = {.sex = child->sex, .birth = child->birth, .name_count = 1};
    person.names[0] =
        (struct person_name){NAME_CURRENT, str_of(child->family), str_of(child->given), {NULL, 0}};
    add_place(&person, true, child->postcode, "E08000035");
    person.carers[0] =
        (struct person_name){NAME_CURRENT, str_of(child->family), str_of(child->carer), {NULL, 0}};
    person.carer_count = 1;
    if (with_number)
        add_number(&person, NUMBER_nhs, child->nhs);
    return person;
}

void population_spoil(struct stream *stream, char text[POPULATION_TEXT_MAX])
{
    size_t len = strlen(text);
    size_t at = stream_below(stream, len - 1);
    char held = text[at];
    switch (stream_below(stream, 4)) {
    case 0:
        text[at] = (char)('a' + stream_below(stream, 26));
        break;
    case 1:
        memmove(text + at, text + at + 1, len - at);
        break;
    case 2:
        if (len + 2 < POPULATION_TEXT_MAX)
            memmove(text + at + 1, text + at, len - at + 1);
        break;
    default:
        text[at] = text[at + 1];
        text[at + 1] = held;
        break;
    }
}

struct day population_slip(struct stream *stream, struct day day)
{
    if (stream_below(stream, 2) == 0 && day.day <= 12) {
        uint8_t month = day.month;
        day.month = day.day;
        day.day = month;
        return day;
    }
    struct day slipped = day;
    if (stream_below(stream, 2) == 0)
        slipped.year = (uint16_t)(day.year + (stream_below(stream, 2) == 0 ? 1 : -1));
    else
        slipped.day = (uint8_t)(day.day > 20 ? day.day - 10 : day.day + 1);
    return day_is_valid(slipped) ? slipped : day;
}
