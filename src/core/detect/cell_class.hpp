// What a cell looks like, by its shape alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace recon::detect {

enum class CellClass : std::uint8_t { empty, number, date, boolean, iban, currency, text };

// Blanks around the text do not count. Numbers in any notation, with currency and percent; dates in
// any order, with or without a time of day after them; a boolean is a word.
CellClass classify(std::string_view text);

// A letter code of ISO 4217.
bool is_currency_code(std::string_view text);

// An IBAN with valid check digits; blanks between the groups do not count.
bool is_iban(std::string_view text);

}  // namespace recon::detect
