// Dates of a column: which of the formats that a mapping can name they are written in.
#include <algorithm>
#include <array>

#include "core/detect/column.hpp"
#include "core/field/calendar.hpp"
#include "core/field/date_format.hpp"

namespace recon::detect {

namespace {

struct Pattern {
    const char* text;
    const char* order;
    bool digits_only = false;
};

constexpr Pattern patterns[] = {
    {"YYYY-MM-DD", "YMD"},     {"DD.MM.YYYY", "DMY"},     {"DD/MM/YYYY", "DMY"},
    {"MM/DD/YYYY", "MDY"},     {"DD-MM-YYYY", "DMY"},     {"MM-DD-YYYY", "MDY"},
    {"MM.DD.YYYY", "MDY"},     {"YYYY/MM/DD", "YMD"},     {"YYYY.MM.DD", "YMD"},
    {"DD MM YYYY", "DMY"},     {"YYYY MM DD", "YMD"},     {"DD.MM.YY", "DMY"},
    {"DD/MM/YY", "DMY"},       {"MM/DD/YY", "MDY"},       {"DD-MM-YY", "DMY"},
    {"MM-DD-YY", "MDY"},       {"YY-MM-DD", "YMD"},       {"YY/MM/DD", "YMD"},
    {"YY.MM.DD", "YMD"},       {"DD-Mon-YYYY", "DMY"},    {"DD-Mon-YY", "DMY"},
    {"DD Mon YYYY", "DMY"},    {"DD Mon YY", "DMY"},      {"DD/Mon/YYYY", "DMY"},
    {"DD.Mon.YYYY", "DMY"},    {"DDMonYYYY", "DMY"},      {"DDMonYY", "DMY"},
    {"Mon DD, YYYY", "MDY"},   {"Mon DD YYYY", "MDY"},    {"YYYY-Mon-DD", "YMD"},
    {"YYYYMMDD", "YMD", true}, {"DDMMYYYY", "DMY", true}, {"MMDDYYYY", "MDY", true},
    {"DDMMYY", "DMY", true},   {"YYMMDD", "YMD", true},   {"MMDDYY", "MDY", true},
    {"unix", "unix", true}};

struct Compiled {
    const Pattern* pattern;
    field::DateFormat format;
};

const std::vector<Compiled>& compiled() {
    static const std::vector<Compiled> all = [] {
        std::vector<Compiled> list;
        for (const Pattern& pattern : patterns) {
            std::string problem;
            if (auto format = field::DateFormat::compile(pattern.text, problem))
                list.push_back({&pattern, *std::move(format)});
        }
        return list;
    }();
    return all;
}

struct Fit {
    const Compiled* compiled;
    std::size_t count = 0;
    bool sorted = true;
};

// Years in which a bank's file may be dated. Mere digits must be nearer: as seconds, 20240105 is in
// 1970.
bool plausible(field::Day day, bool digits_only) {
    int year = field::to_year_month_day(day).year;
    return year >= (digits_only ? 1990 : 1970) && year < 2100;
}

Fit fit(std::span<const std::string_view> values, const Compiled& compiled) {
    Fit fit{&compiled};
    std::size_t failures = 0, most_failures = values.size() / 5;
    bool rising = true, falling = true, first = true;
    field::Day before = 0;
    for (std::string_view value : values) {
        field::DateResult result = compiled.format.parse(value);
        if (result.error != field::DateError::none ||
            !plausible(result.day, compiled.pattern->digits_only)) {
            if (++failures > most_failures) return {&compiled};
            continue;
        }
        ++fit.count;
        rising = rising && (first || result.day >= before);
        falling = falling && (first || result.day <= before);
        before = result.day;
        first = false;
    }
    fit.sorted = (rising || falling) && fit.count > 2;
    return fit;
}

bool has_time(std::span<const std::string_view> values) {
    return std::any_of(values.begin(), values.end(),
                       [](std::string_view value) { return value.size() > 10; });
}

// Among several that explain the values alike.
const Fit& choose(const std::vector<Fit>& fits, const Customs& customs, DateStyle& style) {
    std::vector<const Fit*> sorted;
    for (const Fit& fit : fits)
        if (fit.sorted) sorted.push_back(&fit);
    style.ambiguous = true;
    if (sorted.size() == 1) {
        style.confidence = 0.85;
        style.ambiguous = false;
        return *sorted[0];
    }
    auto ordered = [&](std::string_view order) {
        return std::find_if(fits.begin(), fits.end(),
                            [&](const Fit& fit) { return fit.compiled->pattern->order == order; });
    };
    if (customs.date_order) {
        auto found = ordered(*customs.date_order);
        if (found != fits.end()) {
            style.confidence = 0.8;
            style.ambiguous = false;
            return *found;
        }
    }
    bool dots = fits[0].compiled->format.pattern().find('.') != std::string::npos;
    bool day_first = dots || customs.day_first.value_or(true);
    style.confidence = dots || customs.day_first == true ? 0.7 : 0.5;
    auto found = ordered(day_first ? "DMY" : "MDY");
    return found != fits.end() ? *found : fits[0];
}

}  // namespace

DateStyle find_date_style(std::span<const std::string_view> values, const Customs& customs) {
    DateStyle style;
    if (values.empty()) return style;
    std::vector<Fit> fits;
    std::size_t most = 0;
    for (const Compiled& candidate : compiled()) {
        fits.push_back(fit(values, candidate));
        most = std::max(most, fits.back().count);
    }
    if (most == 0) return style;
    std::erase_if(fits, [&](const Fit& fit) { return fit.count != most; });
    style.confidence = 1;
    const Fit& chosen = fits.size() == 1 ? fits[0] : choose(fits, customs, style);
    const Pattern& pattern = *chosen.compiled->pattern;
    style.pattern = pattern.text;
    style.order = pattern.order;
    style.digits_only = pattern.digits_only;
    style.share = static_cast<double>(most) / static_cast<double>(values.size());
    style.with_time = style.pattern == "YYYY-MM-DD" && has_time(values);
    return style;
}

}  // namespace recon::detect
