// Rows of one table, formed one behind the other, on their way to its writer.
#pragma once

#include "pg/record_tuple.hpp"
#include "pg/tuple_former.hpp"
#include "pg/writer.hpp"

namespace recon::pg {

class TupleBatch {
  public:
    // Where rows are formed: at the end. One that is not added is taken off again by resize().
    Bytes& bytes() { return bytes_; }

    void add(std::span<char> tuple) {  // formed in bytes()
        places_.emplace_back(tuple.data() - bytes_.data(), tuple.size());
    }
    std::size_t rows() const { return places_.size(); }

    void write_to(Writer& writer) {  // empties it
        for (const auto& [offset, length] : places_)
            tuples_.push_back(as_tuple({bytes_.data() + offset, length}));
        writer.write(tuples_);
        tuples_.clear();
        places_.clear();
        bytes_.clear();
    }

  private:
    Bytes bytes_;                                                 // tuples, each aligned
    std::vector<std::pair<std::ptrdiff_t, std::size_t>> places_;  // offset and length
    std::vector<HeapTupleData> tuples_;
};

}  // namespace recon::pg
