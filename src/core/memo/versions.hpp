// Whether a value that was computed in one snapshot is what another snapshot would give: by the
// transactions that changed its inputs, and which of them each snapshot sees. The versions of a key
// count its writers; a value is of the version up to which its snapshot saw them all, and of none
// later.
//
// A writer is armed before it can commit: a snapshot that sees it finds it here. One that never
// commits does no harm: it is complete, and nobody sees it. The last writers are kept one by one;
// of those before them a floor is kept, which a snapshot must have passed altogether.
#pragma once

// RECON_MEMO_WRONG builds a library with a wrong rule, by which the tests of the memo must find
// mismatches: so it is known that they would (test/tap/memo_wrong.pl).
#ifndef RECON_MEMO_WRONG
#define RECON_MEMO_WRONG 0
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace recon::memo {

using FullXid = std::uint64_t;  // of a top-level transaction, with its epoch; 0: none
using Version = std::uint64_t;

struct Writers {
    struct Writer {
        FullXid xid = 0;
        Version version = 0;
    };
    static constexpr std::size_t kept = 8;

    Version version = 0;        // of the last writer
    FullXid floor_xid = 0;      // no writer that is not kept is later
    Version floor_version = 0;  // of the last writer that is not kept
    std::array<Writer, kept> ring{};

    void arm(FullXid xid) {
        Writer* oldest = ring.data();
        for (Writer& writer : ring)
            if (writer.version < oldest->version) oldest = &writer;
        if (oldest->xid != 0 && RECON_MEMO_WRONG != 3) {
            floor_xid = std::max(floor_xid, oldest->xid);
            floor_version = oldest->version;
        }
        *oldest = {xid, ++version};
    }

    // Whether a value of this version is what a snapshot gives. `xmin`: all transactions before it
    // are complete in the snapshot; `is_complete(xid)`: whether that one is, committed or not.
    template <class IsComplete>
    bool serves(Version value, FullXid xmin, IsComplete&& is_complete) const {
#if RECON_MEMO_WRONG == 1
        return value == version;  // as caches with a version do
#endif
        if (floor_xid >= xmin || value < floor_version) return false;
        for (const Writer& writer : ring)
            if (writer.xid != 0 &&
                (writer.version <= value) != (writer.xid < xmin || is_complete(writer.xid)))
                return false;
        return true;
    }

    // The version of what the snapshot gives; none where it sees a later writer and not an earlier
    // one, or where that is not known any more.
    template <class IsComplete>
    std::optional<Version> version_in(FullXid xmin, IsComplete&& is_complete) const {
#if RECON_MEMO_WRONG == 1
        return version;
#endif
        Version seen = floor_version;
        for (const Writer& writer : ring)
            if (writer.xid != 0 && (writer.xid < xmin || is_complete(writer.xid)))
                seen = std::max(seen, writer.version);
        if (!serves(seen, xmin, is_complete)) return std::nullopt;
        return seen;
    }
};

}  // namespace recon::memo
