#include "report/charts.hpp"

#include <algorithm>
#include <cmath>

namespace recon::report {

namespace {

constexpr long width = 1000;  // of a bar, in its own units

double size_of(const Segment& segment) {
    return std::isfinite(segment.size) && segment.size > 0 ? segment.size : 0;
}

}  // namespace

std::string bar(const std::string& title, std::span<const Segment> segments, double whole,
                const std::string& figures, const std::string& spoken) {
    double sum = 0;
    for (const Segment& segment : segments) sum += size_of(segment);
    whole = std::isfinite(whole) ? std::max(whole, sum) : sum;
    std::string html = "<div class=\"bar\"><span class=\"title\">" + title +
                       "</span><svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" "
                       "role=\"img\" aria-label=\"" +
                       spoken + "\"><rect class=\"track\" width=\"1000\" height=\"12\"/>";
    // Ends are rounded, not widths, so that the parts meet; what is there at all is seen.
    double end = 0;
    long from = 0;
    for (const Segment& segment : segments) {
        double size = size_of(segment);
        if (size == 0) continue;
        end += size;
        long to = std::clamp(std::lround(end / whole * width), std::min(from + 3, width), width);
        html += std::string("<rect class=\"") + segment.kind + "\" x=\"" + std::to_string(from) +
                "\" width=\"" + std::to_string(to - from) + "\" height=\"12\"/>";
        from = to;
    }
    return html + "</svg><span class=\"figures\">" + figures + "</span></div>\n";
}

}  // namespace recon::report
