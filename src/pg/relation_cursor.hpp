// The rows of a relation, read as one role in one snapshot, as text, a batch at a time.
#pragma once

#include "core/ingest/relation_mapping.hpp"
#include "pg/reader.hpp"
#include "pg/relation.hpp"

namespace recon::pg {

class RelationCursor {
  public:
    // Its expressions are such as check_expression() accepts. Of a value longer than `longest`
    // bytes, one byte more than that is kept. The snapshot is the transaction's newest.
    RelationCursor(const NamedRelation& relation, const ReadAs& as,
                   std::span<const ingest::SelectedColumn> columns, std::size_t longest);
    RelationCursor(const RelationCursor&) = delete;
    RelationCursor& operator=(const RelationCursor&) = delete;

    // Base types of the columns, such as "numeric".
    const std::vector<std::string>& types() const { return types_; }

    struct Value {
        std::string_view text;
        bool null = false;
        bool cut = false;
    };

    // The next rows, at most 1000, 32,000 values or about half a megabyte; false at the end. What
    // the last ones held is gone then.
    bool fetch();
    std::size_t rows() const;
    Value value(std::size_t row, std::size_t column) const;

    void close();  // on the normal way out; an abort does it by itself

  private:
    struct Receiver;

    ReadAs as_;
    Portal portal_ = nullptr;
    Receiver* receiver_ = nullptr;
    std::vector<std::string> types_;
};

}  // namespace recon::pg
