// Whether a value that was computed in one snapshot is what another snapshot would give: where both
// see the same of the transactions that changed its inputs. Those are counted by key; a value's
// version says up to which it was armed when the value was computed, and which of the last its
// snapshot did not see. Writers that commit in another order than they were armed are told apart
// so.
//
// A writer is armed before it can commit: a snapshot that sees it finds it here. One that never
// commits does no harm: it is complete, and nobody sees it. The last writers are kept one by one;
// of those before them a floor is kept, which both snapshots must have passed altogether.
#pragma once

// RECON_MEMO_WRONG builds a library with a wrong rule, by which the tests of the memo must find
// mismatches: so it is known that they would (test/tap/memo_wrong.pl).
#ifndef RECON_MEMO_WRONG
#define RECON_MEMO_WRONG 0
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

namespace recon::memo {

using FullXid = std::uint64_t;  // of a top-level transaction, with its epoch; 0: none
using Count = std::uint64_t;

struct Version {
    Count last = 0;            // writer that was armed
    std::uint8_t missing = 0;  // bit i: writer last - i was not seen

    bool operator==(const Version&) const = default;
    bool misses(Count writer) const {
        return last - writer < 8 && (missing >> (last - writer) & 1);
    }
    Count seen() const { return last - static_cast<Count>(std::popcount(missing)); }
    std::uint64_t packed() const { return last << 8 | missing; }
    static Version unpacked(std::uint64_t word) {
        return {word >> 8, static_cast<std::uint8_t>(word)};
    }
};

struct Writers {
    struct Writer {
        FullXid xid = 0;
        Count count = 0;
    };
    static constexpr std::size_t kept = 8;

    Count last = 0;         // writer
    FullXid floor_xid = 0;  // no writer that is not kept is later
    Count floor_count = 0;  // of the last writer that is not kept
    std::array<Writer, kept> ring{};

    void arm(FullXid xid) {
        Writer& oldest = ring[last % kept];
        if (oldest.xid != 0 && RECON_MEMO_WRONG != 3) {
            floor_xid = std::max(floor_xid, oldest.xid);
            floor_count = oldest.count;
        }
        oldest = {xid, ++last};
    }

    // Whether a value of this version is what a snapshot gives. `xmin`: all transactions before it
    // are complete in the snapshot; `is_complete(xid)`: whether that one is, committed or not.
    template <class IsComplete>
    bool serves(Version value, FullXid xmin, IsComplete&& is_complete) const {
#if RECON_MEMO_WRONG == 1
        return value.last == last;  // as caches with a version do
#endif
        if (floor_xid >= xmin || value.last < floor_count) return false;
        Count kept_since = value.last - floor_count;
        if (kept_since < 8 && value.missing >> kept_since != 0) return false;
        for (const Writer& writer : ring)
            if (writer.xid != 0 && (writer.count <= value.last && !value.misses(writer.count)) !=
                                       (writer.xid < xmin || is_complete(writer.xid)))
                return false;
        return true;
    }

    // The version of what the snapshot gives; none where that is not known any more.
    template <class IsComplete>
    std::optional<Version> version_in(FullXid xmin, IsComplete&& is_complete) const {
        Version seen{last};
        if (RECON_MEMO_WRONG == 1) return seen;
        if (floor_xid >= xmin) return std::nullopt;
        for (const Writer& writer : ring)
            if (writer.xid != 0 && writer.xid >= xmin && !is_complete(writer.xid))
                seen.missing |= static_cast<std::uint8_t>(1U << (last - writer.count));
        return seen;
    }
};

}  // namespace recon::memo
