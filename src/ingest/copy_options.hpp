// The options of COPY recon.inbox.
#pragma once

#include "core/json.hpp"
#include "pg/copy_hook.hpp"

namespace recon::ingest {

struct CopyOptions {
    std::optional<std::int64_t> source_id;
    std::string source;     // "project/source", where there is no source_id
    json::Value overrides;  // in the form of a source's options
};

// 42601 for an option that is unknown, given twice or of the wrong kind, 0A000 with a HINT for one
// of COPY that means nothing here.
CopyOptions read_copy_options(const std::vector<pg::CopyOption>& options);

}  // namespace recon::ingest
