// Charts as inline SVG: bars, which need no script and are as wide as there is room.
#pragma once

#include <span>
#include <string>

namespace recon::report {

// A part of a bar; `kind` is a class of the style sheet (approved, proposed, open, past).
struct Segment {
    const char* kind;
    double size;  // not below 0; what is not finite counts as 0
};

// A line of a chart: what it is about (HTML), the bar, and its figures (HTML). The whole width
// stands for `whole`, at least the sum of the segments; `spoken` tells a reader who cannot see it.
std::string bar(const std::string& title, std::span<const Segment> segments, double whole,
                const std::string& figures, const std::string& spoken);

}  // namespace recon::report
