// A pair of classes that an assignment has, or could have instead of others.
#pragma once

#include <cstdint>

namespace recon::match {

struct Choice {
    std::uint32_t a, b;  // classes
    std::uint32_t confidence;
    std::uint32_t count;  // times in the assignment at hand
    bool ambiguous;       // an assignment that is as good has it another number of times
    bool frees_a,
        frees_b;  // one as good may have fewer records of the class, for any of its pairs
};

}  // namespace recon::match
