#include <charconv>

#include "core/rule/condition.hpp"
#include "core/rule/names.hpp"

namespace recon::rule {

namespace {

std::string number_text(double number) {
    char buffer[32];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return std::string(buffer, end);
}

std::string window_text(const Condition& condition) {
    std::int64_t low = *condition.days_low, high = *condition.days_high;
    std::string text =
        low == -high ? std::to_string(high) : std::to_string(low) + " to " + std::to_string(high);
    text += condition.business ? " business days" : " days";
    if (!condition.calendar.empty()) text += " (" + condition.calendar + ")";
    return text;
}

}  // namespace

std::string describe(const Condition& condition) {
    if (condition.period) return "not both of the closed period";
    std::string text = op_name(condition.op);
    switch (condition.op) {
        case Op::equal:
        case Op::contains:
            break;
        case Op::within:
            text += " ";
            if (condition.abs) text += field::to_text(*condition.abs);
            if (condition.abs && condition.pct) text += " or ";
            if (condition.pct) text += field::to_text(*condition.pct) + " %";
            if (condition.days_low) text += window_text(condition);
            if (condition.seconds) text += number_text(*condition.seconds) + " seconds";
            break;
        case Op::similar:
            text += std::string(" ") + algorithm_name(condition.algorithm);
            if (condition.word_tokens) text += " of words";
            if (condition.min) text += " >= " + number_text(*condition.min);
            if (condition.max_distance)
                text += " distance <= " + std::to_string(*condition.max_distance);
            break;
        case Op::starts_with:
            text += " with at least " + std::to_string(condition.min_length);
            break;
    }
    for (std::size_t i = 0; i < condition.normalize.size(); ++i)
        for (const Name<StepKind>& name : step_names())
            if (name.value == condition.normalize[i].kind)
                text += (i == 0 ? " after " : ", ") + std::string(name.text);
    return text;
}

}  // namespace recon::rule
