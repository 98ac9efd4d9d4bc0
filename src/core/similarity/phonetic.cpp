#include "core/similarity/phonetic.hpp"

#include <algorithm>

#include "core/field/text.hpp"

namespace recon::similarity {

std::string capitals(std::string_view text) {
    std::string result(text);
    field::unaccent(result);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    auto end = std::find_if(result.rbegin(), result.rend(), is_capital).base();
    result.erase(end, result.end());
    result.erase(result.begin(), std::find_if(result.begin(), result.end(), is_capital));
    return result;
}

}  // namespace recon::similarity
