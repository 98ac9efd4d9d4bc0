// The static background worker that starts all others.
#pragma once

namespace recon::ops {

void register_launcher();  // from _PG_init

}  // namespace recon::ops
