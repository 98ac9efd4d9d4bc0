// What a library says of itself: RECON_MODULE(name), once in each. 18 (9324c8c58065) added names
// and versions, which clang misses in the plain form.
#pragma once

#include "pg/server.hpp"

#ifdef PG_MODULE_MAGIC_EXT
#define RECON_MODULE(module) PG_MODULE_MAGIC_EXT(.name = (module), .version = nullptr)
#else
#define RECON_MODULE(module) PG_MODULE_MAGIC
#endif
