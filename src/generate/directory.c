#include "generate/directory.h"

#include "generate/sheet.h"
#include "generate/staff.h"

static enum fault put_heading(struct sheet *sheet, const char *columns)
{
    struct str rest = str_of(columns);
    struct str name;
    for (bool first = true; str_split(&rest, ',', &name); first = false)
        sheet_put(sheet, name, first);
    return sheet_end_heading(sheet);
}

static enum fault put_settings(struct sheet *sheet, const struct places *places, enum setting_kind kind)
{
    const struct setting_list *list = &places->lists[kind];
    for (uint32_t i = 0; i < list->count; i++) {
        const struct setting *setting = &list->settings[i];
        if (!setting->used)
            continue;
        struct text phone = {0};
        const struct authority *authority = &places->authorities[setting->authority];
        places_setting_phone(places, setting, &phone);
        sheet_put(sheet, str_of(kind == SETTING_PRACTICE ? "gp" : "school"), true);
        sheet_put(sheet, setting_code(setting), false);
        sheet_put(sheet, setting->name, false);
        sheet_put(sheet, text_str(&phone), false);
        sheet_put(sheet, (struct str){authority->code, sizeof authority->code}, false);
        enum fault fault = sheet_end_row(sheet);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

static enum fault put_teams(struct sheet *sheet, const struct places *places)
{
    size_t count;
    const struct service_offer *offers = staff_offers(&count);
    for (uint32_t a = 0; a < places->authority_count; a++) {
        for (size_t i = 0; i < count; i++) {
            struct practitioner team;
            staff_team(places, a, &offers[i], &team);
            sheet_put(sheet, str_of(policy_service_name(offers[i].service)), true);
            sheet_put(sheet, text_str(&team.organisation_code), false);
            sheet_put(sheet, text_str(&team.organisation), false);
            sheet_put(sheet, text_str(&team.phone), false);
            sheet_put(sheet, (struct str){places->authorities[a].code, 9}, false);
            enum fault fault = sheet_end_row(sheet);
            if (fault != FAULT_NONE)
                return fault;
        }
    }
    return FAULT_NONE;
}

enum fault directory_organisations(const struct directory_order *order, uint64_t *ret_rows)
{
    enum fault fault = FAULT_NONE;
    struct sheet *sheet = NULL;
    TRY(sheet_open(&(struct sheet_order){.folder = order->folder, .file = "organisations.csv"}, &sheet));
    TRY(put_heading(sheet, "kind,code,name,phone,authority"));
    TRY(put_teams(sheet, order->places));
    for (enum setting_kind kind = SETTING_PRIMARY; kind < SETTING_KINDS; kind++)
        TRY(put_settings(sheet, order->places, kind));
    TRY(sheet_finish(sheet, ret_rows));
done:
    sheet_close(sheet);
    return fault;
}

static enum fault put_team_members(struct sheet *sheet, const struct directory_order *order,
                                   uint32_t authority, const struct service_offer *offer)
{
    uint32_t size = staff_team_size(order->places, authority, offer);
    for (uint32_t i = 0; i < size; i++) {
        struct practitioner member;
        staff_draw(order->names, order->places, offer, &(struct staff_post){authority, i, order->seed},
                   &member);
        sheet_put(sheet, text_str(&member.organisation_code), true);
        sheet_put(sheet, str_of(policy_service_name(offer->service)), false);
        sheet_put(sheet, text_str(&member.name), false);
        sheet_put(sheet, str_of(offer->job), false);
        sheet_put(sheet, text_str(&member.phone), false);
        sheet_put(sheet, text_str(&member.email), false);
        enum fault fault = sheet_end_row(sheet);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

enum fault directory_practitioners(const struct directory_order *order, uint64_t *ret_rows)
{
    enum fault fault = FAULT_NONE;
    struct sheet *sheet = NULL;
    size_t count;
    const struct service_offer *offers = staff_offers(&count);
    TRY(sheet_open(&(struct sheet_order){.folder = order->folder, .file = "practitioners.csv"}, &sheet));
    TRY(put_heading(sheet, "organisation,service_kind,name,job,phone,email"));
    for (uint32_t a = 0; a < order->places->authority_count; a++)
        for (size_t i = 0; i < count; i++)
            TRY(put_team_members(sheet, order, a, &offers[i]));
    TRY(sheet_finish(sheet, ret_rows));
done:
    sheet_close(sheet);
    return fault;
}
