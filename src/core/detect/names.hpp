// What the name of a column says it holds, in the banking vocabulary of seven languages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace recon::detect {

enum class Meaning : std::uint8_t {
    external_id,
    transaction_date,
    value_date,
    amount,
    debit,
    credit,
    currency,
    reference,
    counterparty,
    description,
    // What is recognised so that it is not taken for one of the above.
    balance,
    sign,          // debit or credit, as a word or letter
    account,       // account numbers, IBAN, BIC
    other_amount,  // fees, taxes, amounts in another currency
    other_date,
    other,
};

struct NameMatch {
    Meaning meaning = Meaning::other;
    double score = 0;      // 1: the whole name; 0.8: words of it; 0.6: part of a compound word
    std::size_t rank = 0;  // among the terms of its meaning: the earlier, the more telling
    bool english = false;
};

// All meanings that the name may have, the best first, each once. Case, accents, punctuation and
// blanks do not count. `name` is UTF-8.
std::vector<NameMatch> meanings_of(std::string_view name);

}  // namespace recon::detect
