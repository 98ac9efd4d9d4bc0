#include "core/similarity/prepared_codes.hpp"

#include <string>
#include <unordered_map>

#include "core/similarity/double_metaphone.hpp"
#include "core/similarity/metaphone.hpp"
#include "core/similarity/soundex.hpp"

namespace recon::similarity {

namespace {

DoubleMetaphone codes_of(Algorithm algorithm, std::string_view text) {
    if (algorithm == Algorithm::double_metaphone) return double_metaphone(text);
    std::string code = algorithm == Algorithm::soundex ? soundex(text) : metaphone(text);
    return {code, code};
}

}  // namespace

PreparedCodes::PreparedCodes(const Measure& measure, Texts texts, StopToken& stop) {
    StopCheck check(stop, 64);
    std::unordered_map<std::string, std::uint32_t> numbers;
    auto number = [&](const std::string& code) {
        auto next = static_cast<std::uint32_t>(numbers.size() + 1);
        return code.empty() ? no_code : numbers.try_emplace(code, next).first->second;
    };
    codes_.reserve(texts.size());
    for (std::string_view text : texts) {
        check();
        DoubleMetaphone codes = codes_of(measure.algorithm, text);
        if (codes.primary.empty() && codes.alternate.empty()) {
            std::uint32_t own = number("=" + std::string(text));  // no code begins with it
            codes_.push_back({own, own});
        } else {
            codes_.push_back({number(codes.primary), number(codes.alternate)});
        }
    }
    code_count_ = numbers.size() + 1;
}

double PreparedCodes::score(std::uint32_t a, std::uint32_t b, double bound) const {
    Codes x = codes_[a], y = codes_[b];
    double similarity =
        double_metaphone_similarity(x.primary, x.alternate, y.primary, y.alternate, no_code);
    return similarity >= bound ? similarity : -1;
}

Prepared prepare_codes(const Measure& measure, Texts texts, StopToken& stop) {
    return std::make_unique<PreparedCodes>(measure, texts, stop);
}

}  // namespace recon::similarity
