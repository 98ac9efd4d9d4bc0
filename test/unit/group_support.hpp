// Records and group rules for tests, and how their groups are shown.
#pragma once

#include <string>
#include <vector>

#include "match_support.hpp"

namespace recon::match::test_support {

inline const std::vector<Spec> specs = {{"amount", Type::decimal},
                                        {"currency", Type::text},
                                        {"key", Type::text},
                                        {"value_date", Type::date},
                                        {"reference", Type::text}};

using Rows = std::vector<std::vector<Cell>>;

inline std::vector<Cell> row(Cell amount, Cell currency = "EUR", Cell key = "K",
                             Cell value_date = "2024-03-01", Cell reference = null) {
    return {std::move(amount), std::move(currency), std::move(key), std::move(value_date),
            std::move(reference)};
}
inline Rows amounts(const std::vector<std::string>& values) {
    Rows rows;
    for (const std::string& value : values) rows.push_back(row(value));
    return rows;
}

inline std::string rule(const std::string& more = R"("ambiguous": "skip")",
                        const std::string& amount = R"("op": "equal")",
                        const std::string& cardinality = "1:N") {
    return R"({"cardinality": ")" + cardinality + R"(", "group_by": ["key"], "match": [)" +
           R"({"field": "amount", )" + amount + "}], " + more + "}";
}

// "0:1,2" for the row of A with rows 1 and 2 of B; "?" for an ambiguous one.
inline std::vector<std::string> shown(const Result& result) {
    std::vector<std::string> groups;
    for (const GroupMatch& group : result.groups) {
        std::string text;
        auto put = [&](std::uint32_t first, std::uint32_t last) {
            for (std::uint32_t i = first; i < last; ++i)
                text += (i == first ? "" : ",") + std::to_string(result.group_rows[i]);
        };
        put(group.first_a, group.last_a);
        text += ":";
        put(group.first_b, group.last_b);
        if (group.ambiguous) text += "?";
        groups.push_back(text);
    }
    return groups;
}
using Shown = std::vector<std::string>;

inline Result run_on(const Rows& a, const Rows& b, const std::string& text,
                     const Limits& limits = {}) {
    return run_rules(table(specs, a), table(specs, b), {text}, limits);
}
inline Shown groups(const Rows& a, const Rows& b, const std::string& text) {
    return shown(run_on(a, b, text));
}

}  // namespace recon::match::test_support
