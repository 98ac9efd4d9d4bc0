#include "core/similarity/sequences.hpp"

namespace recon::similarity {

namespace {

constexpr std::size_t first_number = 128, most_numbers = 128;

// Numbers for the characters beyond ASCII; none where there are too many.
std::unordered_map<char32_t, Byte> number_characters(std::span<const std::string_view> texts,
                                                     StopToken& stop) {
    StopCheck check(stop);
    std::unordered_map<char32_t, Byte> numbers;
    for (std::string_view text : texts) {
        check();
        if (field::is_ascii(text)) continue;
        for_each_code_point(text, [&](char32_t c) {
            if (c >= first_number && numbers.size() <= most_numbers)
                numbers.try_emplace(c, static_cast<Byte>(first_number + numbers.size()));
        });
        if (numbers.size() > most_numbers) return {};
    }
    return numbers;
}

}  // namespace

Sequences::Sequences(std::span<const std::string_view> texts, StopToken& stop) {
    Numbers numbers = number_characters(texts, stop);
    StopCheck check(stop);
    all_.reserve(texts.size());
    for (std::string_view text : texts) {
        check();
        if (text.size() > 4096) check_stop(stop);
        if (!field::is_ascii(text)) {
            all_.push_back(numbers.empty() ? widened(text) : narrowed(text, numbers));
            continue;
        }
        Sequence sequence{text.data(), static_cast<std::uint32_t>(text.size()), false, {}};
        for (Byte c : as_bytes(text)) sequence.bag.add(bag_bucket(c));
        all_.push_back(sequence);
    }
}

Sequence Sequences::narrowed(std::string_view text, const Numbers& numbers) {
    std::size_t length = 0;
    for_each_code_point(text, [&](char32_t) { ++length; });
    Byte* characters = allocate<Byte>(length);
    Sequence sequence{characters, static_cast<std::uint32_t>(length), false, {}};
    for_each_code_point(text, [&](char32_t c) {
        *characters++ = c < first_number ? static_cast<Byte>(c) : numbers.at(c);
        sequence.bag.add(bag_bucket(c));
    });
    return sequence;
}

Sequence Sequences::widened(std::string_view text) {
    std::size_t length = 0;
    for_each_code_point(text, [&](char32_t) { ++length; });
    auto* characters = allocate<char32_t>(length);
    Sequence sequence{characters, static_cast<std::uint32_t>(length), true, {}};
    for_each_code_point(text, [&](char32_t c) {
        *characters++ = c;
        sequence.bag.add(bag_bucket(c));
    });
    return sequence;
}

}  // namespace recon::similarity
