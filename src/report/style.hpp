#pragma once

namespace recon::report {

extern const char style_sheet[];  // of the page; nothing in it is fetched

}  // namespace recon::report
