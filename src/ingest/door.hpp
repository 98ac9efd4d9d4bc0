// The ways into a source.
#pragma once

#include <cstdint>

namespace recon::ingest {

enum class Door : std::uint8_t { file, copy, upload, relation, retry };

constexpr const char* door_name(Door door) {
    switch (door) {
        case Door::file:
            return "file";
        case Door::copy:
            return "copy";
        case Door::upload:
            return "upload";
        case Door::relation:
            return "relation";
        case Door::retry:
            return "retry";
    }
    return "";
}

}  // namespace recon::ingest
