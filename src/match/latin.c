#include "match/latin.h"

#include <pthread.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { UNITS_MAX = 2048 };

/* One transliterator for the process: ICU's may not be used by two threads at once, and opening one takes
 * milliseconds.  Plain ASCII, by far the most, never comes here. */
static pthread_mutex_t latin_lock = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *latin;

static bool open_latin(void)
{
    static const UChar RULES[] = u"Any-Latin; NFD; [:Mn:] Remove; Latin-ASCII; Lower";
    if (latin != NULL)
        return true;
    UErrorCode status = U_ZERO_ERROR;
    latin = utrans_openU(RULES, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE(status))
        latin = NULL;
    return latin != NULL;
}

/* Latin lower-case letters for any script; false where ICU cannot. */
static bool ask(struct str typed, char at[LATIN_BYTES_MAX], size_t *ret_len)
{
    static UChar units[UNITS_MAX]; /* under the lock */
    UErrorCode status = U_ZERO_ERROR;
    bool done = false;
    int32_t count = 0;
    int32_t bytes = 0;
    (void)pthread_mutex_lock(&latin_lock);
    (void)u_strFromUTF8WithSub(units, UNITS_MAX, &count, typed.at, (int32_t)typed.len, 0xFFFD, NULL, &status);
    if (U_SUCCESS(status) && open_latin()) {
        int32_t limit = count;
        utrans_transUChars(latin, units, &count, UNITS_MAX, 0, &limit, &status);
        (void)u_strToUTF8WithSub(at, LATIN_BYTES_MAX, &bytes, units, count, 0xFFFD, NULL, &status);
        done = U_SUCCESS(status);
    }
    memset(units, 0, sizeof(units));
    (void)pthread_mutex_unlock(&latin_lock);
    if (done)
        *ret_len = (size_t)bytes;
    return done;
}

/* What European names are written with beyond ASCII, as the transliterator answers for each character alone:
 * it knows no context among these.  Everything else, marks that follow a letter too, is asked in full. */
enum {
    NEAR_FIRST = 0x80,
    NEAR_END = 0x250, /* Latin-1 Supplement, Latin Extended-A and -B */
    DASH_FIRST = 0x2010,
    DASH_END = 0x2028, /* dashes and quotation marks */
    NEAR_COUNT = NEAR_END - NEAR_FIRST + DASH_END - DASH_FIRST,
    NEAR_BYTES_MAX = 7
};

static struct {
    char at[NEAR_BYTES_MAX];
    bool known;
    uint8_t len;
} near[NEAR_COUNT];

static pthread_once_t near_once = PTHREAD_ONCE_INIT;

/* Every listed character takes two bytes at least. */
_Static_assert(LATIN_TYPED_BYTES_MAX / 2 * NEAR_BYTES_MAX + NEAR_BYTES_MAX <= LATIN_BYTES_MAX,
               "room for any text");

static void list_near(void)
{
    for (unsigned i = 0; i < NEAR_COUNT; i++) {
        unsigned c = i < NEAR_END - NEAR_FIRST ? NEAR_FIRST + i : DASH_FIRST + i - (NEAR_END - NEAR_FIRST);
        char text[3] = {(char)(0xC0 | c >> 6), (char)(0x80 | (c & 63))};
        size_t text_len = 2;
        if (c >= DASH_FIRST) {
            text[0] = (char)(0xE0 | c >> 12);
            text[1] = (char)(0x80 | (c >> 6 & 63));
            text[2] = (char)(0x80 | (c & 63));
            text_len = 3;
        }
        char answer[LATIN_BYTES_MAX];
        size_t len;
        if (!ask((struct str){text, text_len}, answer, &len) || len > NEAR_BYTES_MAX ||
            !latin_is_ascii((struct str){answer, len}))
            continue;
        memcpy(near[i].at, answer, len);
        near[i].len = (uint8_t)len;
        near[i].known = true;
    }
}

/* The place in `near` of the character at the beginning, and how many bytes it takes; NEAR_COUNT for others.
 */
static size_t near_place(struct str text, size_t *ret_taken)
{
    uint8_t first = (uint8_t)text.at[0];
    uint8_t second = text.len > 1 ? (uint8_t)text.at[1] : 0;
    uint8_t third = text.len > 2 ? (uint8_t)text.at[2] : 0;
    size_t two = (size_t)(first & 31) << 6 | (second & 63);
    *ret_taken = 2;
    if (first >= 0xC2 && first < 0xE0 && (second & 0xC0) == 0x80)
        return two < NEAR_END ? two - NEAR_FIRST : NEAR_COUNT;
    *ret_taken = 3;
    if (first == 0xE2 && second == 0x80 && third >= 0x90 && third < 0xA8)
        return NEAR_END - NEAR_FIRST + (third - 0x90u);
    return NEAR_COUNT;
}

/* As ask where every character is ASCII or listed, without its lock; upper-case ASCII stays.  False
 * where ask has to do it. */
static bool look_up(struct str typed, char at[LATIN_BYTES_MAX], size_t *ret_len)
{
    size_t len = 0;
    (void)pthread_once(&near_once, list_near);
    while (typed.len > 0) {
        size_t taken = 1;
        if ((uint8_t)typed.at[0] < 0x80) {
            at[len++] = typed.at[0];
        } else {
            size_t place = near_place(typed, &taken);
            if (place == NEAR_COUNT || !near[place].known)
                return false;
            memcpy(at + len, near[place].at, near[place].len);
            len += near[place].len;
        }
        typed.at += taken;
        typed.len -= taken;
    }
    *ret_len = len;
    return true;
}

bool latin_of(struct str typed, char at[LATIN_BYTES_MAX], size_t *ret_len)
{
    must(typed.len <= LATIN_TYPED_BYTES_MAX);
    return look_up(typed, at, ret_len) || ask(typed, at, ret_len);
}
