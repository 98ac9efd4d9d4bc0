// The steps of a condition's "normalize", run in order.
#pragma once

#include <string>
#include <vector>

#include "core/rule/rule.hpp"

namespace recon::rule {

void normalize(const std::vector<Step>& steps, std::string& text);

}  // namespace recon::rule
