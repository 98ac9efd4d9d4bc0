// The values of records as the conditions of a rule see them. They are read where they stand in
// the columns; only texts that a condition changes are held anew, each distinct one once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/match/plan.hpp"
#include "core/match/reservation.hpp"

namespace recon::match {

using Rows = std::span<const std::uint32_t>;

// What a condition sees of a text: it after the steps, and with a `prefix` cut to so many
// characters. False for NULL, which a shorter text then is.
bool derive_text(const std::vector<rule::Step>& steps, std::size_t prefix, std::string& text);

// The texts that a condition sees, each derived once.
class Derivation {
  public:
    // With a `prefix`, shorter texts become NULL.
    Derivation(Texts& texts, const std::vector<rule::Step>& steps, std::size_t prefix,
               Reservation& memory);

    // Derives the texts of these rows.
    void add(const Column& column, Rows rows, StopCheck& stop);
    bool is_of(const std::vector<rule::Step>& steps, std::size_t prefix) const;
    const std::uint32_t* numbers() const { return numbers_.data(); }  // by number of the text

  private:
    std::uint32_t derive(std::uint32_t id);

    Texts& texts_;
    const std::vector<rule::Step>& steps_;
    std::size_t prefix_;
    Buffer<std::uint32_t> numbers_;
    std::string scratch_;
};

// One side's values for one check, by row of its table.
class Operand {
  public:
    Operand(const Check& check, const Column& column, const Derivation* derivation);

    Form form() const { return form_; }
    bool is_known(std::uint32_t row) const { return column_->is_known(row) && known_text(row); }
    std::uint32_t id(std::uint32_t row) const {
        std::uint32_t own = column_->ids[row];
        return derived_ == nullptr ? own : derived_[own];
    }
    // At the check's scale, in (business) days or in microseconds; NULL is null_number, null_wide.
    std::int64_t number(std::uint32_t row) const;
    field::int128 wide(std::uint32_t row) const;
    double approximate(std::uint32_t row) const {  // of numbers and wide
        return form_ == Form::wide ? static_cast<double>(wide(row))
                                   : static_cast<double>(number(row));
    }

    void gather(Rows rows, std::uint32_t* out) const;
    void gather(Rows rows, std::int64_t* out) const;
    void gather(Rows rows, field::int128* out) const;
    void prefetch(std::uint32_t row) const;
    std::uint64_t hash(std::uint32_t row, std::uint64_t seed) const;
    bool same(std::uint32_t row, const Operand& other, std::uint32_t other_row) const;

  private:
    bool known_text(std::uint32_t row) const {
        return derived_ == nullptr || derived_[column_->ids[row]] != 0;
    }

    const Column* column_;
    const std::uint32_t* derived_ = nullptr;
    const field::BusinessCalendar* calendar_ = nullptr;
    std::int64_t factor_ = 1;  // to the check's scale
    field::int128 wide_factor_ = 1;
    Form form_;
};

inline std::uint64_t hash_word(std::uint64_t seed, std::uint64_t word) {
    return mix(seed ^ (word + 0x9E3779B97F4A7C15u));
}
inline std::uint64_t hash_word(std::uint64_t seed, field::int128 word) {
    auto bits = static_cast<field::uint128>(word);
    return hash_word(hash_word(seed, static_cast<std::uint64_t>(bits)),
                     static_cast<std::uint64_t>(bits >> 64));
}

// What a pair of records must agree in, to be compared at all.
struct Key {
    Operand a, b;
};

struct Operands {
    std::vector<Operand> a, b;  // of each check
    std::vector<Key> keys;
    std::vector<std::unique_ptr<Derivation>> derivations;
};

// Derives the keys' texts of all open rows; those of other checks are derived by derive_texts(), of
// the rows that are left then.
Operands bind_operands(const Plan& plan, Rows open_a, Rows open_b, Reservation& memory,
                       StopToken& stop);
void derive_texts(const Plan& plan, Operands& operands, Rows rows_a, Rows rows_b,
                  Reservation& memory, StopToken& stop);

}  // namespace recon::match
