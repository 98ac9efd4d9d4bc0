// The last row of a table by its primary key.
#pragma once

#include "pg/guard.hpp"

namespace recon::pg {

// Of the rows of recon.<table> whose primary key begins with `key` (bigints) the last one, as of
// this moment: what others have committed and the transaction has done, no matter how old its
// snapshot is. A SERIALIZABLE transaction is not held responsible for having read it: who asks must
// know by other means (a lock) that nobody else adds such rows. The values of `columns`, none of
// which is NULL, are of the current memory context. False where there is none.
bool read_last_row(const char* table, std::initializer_list<std::int64_t> key,
                   std::initializer_list<const char*> columns, std::span<Datum> values);

}  // namespace recon::pg
