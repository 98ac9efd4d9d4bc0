// The values of rows in files as the conditions of a rule see them; those of a table are Operands.
#pragma once

#include <string>

#include "core/match/plan.hpp"
#include "core/match/row_file.hpp"

namespace recon::match {

// One side's values for one check, which may be a key by its first `prefix` characters. The check
// must outlive it.
class RowValue {
  public:
    RowValue(const Check& check, bool is_a, std::size_t prefix = 0)
        : check_(check), column_(is_a ? check.column_a : check.column_b), prefix_(prefix) {}

    // At the check's scale, in (business) days or in microseconds. False for NULL.
    bool read(const RowView& row, field::int128& number) const;
    // Equal values, and no NULL, change a hash alike, whatever file they are in. False for NULL.
    bool add_to_hash(const RowView& row, std::uint64_t& hash);

  private:
    const Check& check_;
    std::size_t column_, prefix_;
    std::string text_;
};

// What pairs of a plan must agree in.
std::vector<RowValue> key_values(const Plan& plan, bool is_a);

}  // namespace recon::match
