// Entries that wait in a temporary file.
#pragma once

#include "ingest/key_entry.hpp"
#include "pg/spool.hpp"

namespace recon::ingest {

class KeySpool final : public KeyOutput {
  public:
    void add(const KeyEntry& entry) override { spool_.append(&entry, sizeof entry); }
    std::uint64_t count() const { return spool_.size() / sizeof(KeyEntry); }

    void hand_over(KeyOutput& to) {
        pg::SpoolReader reader(spool_);
        std::vector<KeyEntry> block;
        while (reader.left() > 0) {
            block.resize(std::min<std::uint64_t>(reader.left() / sizeof(KeyEntry), 256));
            reader.read(block.data(), block.size() * sizeof(KeyEntry));
            for (const KeyEntry& entry : block) to.add(entry);
        }
    }
    void close() { spool_.close(); }

  private:
    pg::Spool spool_;
};

}  // namespace recon::ingest
