// COPY of one view of the extension, taken over from the server: a ProcessUtility hook, there in
// every session that has loaded the library.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

struct CopyOption {
    enum class Kind : std::uint8_t { none, boolean, number, text, other };
    std::string name;  // as in the statement, unquoted names in lower case
    Kind kind = Kind::none;
    bool boolean = false;
    std::string text;  // of a number, its digits
};

// What an error report says about the place, in its CONTEXT.
struct CopyPlace {
    char source[256] = {};                // empty: nothing yet
    const std::uint64_t* line = nullptr;  // while the load lives, then line_at_end
    std::uint64_t line_at_end = 0;
};

struct CopyStatement {
    bool from = false;         // else TO
    bool of_client = false;    // STDIN or STDOUT, not a file or program of the server
    bool has_columns = false;  // a list of columns
    bool has_condition = false;
    std::vector<CopyOption> options;
    CopyPlace* place = nullptr;
};

// Returns the number of records for the command tag.
using CopyHandler = std::uint64_t (*)(const CopyStatement& statement);

// Once, when the library is loaded. The handler sees the statements whose relation is
// recon.<view>, found as the server finds it, after the checks that the server makes: the privilege
// on the view, and for FROM that the transaction may write.
void take_over_copy(const char* view, CopyHandler handler);

// Whether the statement at hand, as the client sent it, is a COPY.
bool running_copy();

}  // namespace recon::pg
