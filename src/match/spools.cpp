#include "match/spools.hpp"

namespace recon::match {

class Spools::File final : public ScratchFile {
  public:
    File(Spools& owner, std::unique_ptr<pg::Spool> spool)
        : owner_(owner), spool_(std::move(spool)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() override {
        spool_->clear();
        owner_.free_.push_back(std::move(spool_));
    }
    void append(const void* bytes, std::size_t size) override { spool_->append(bytes, size); }
    void read(std::uint64_t offset, void* bytes, std::size_t size) override {
        spool_->read(offset, bytes, size);
    }

  private:
    Spools& owner_;
    std::unique_ptr<pg::Spool> spool_;
};

std::unique_ptr<ScratchFile> Spools::make() {
    std::unique_ptr<pg::Spool> spool;
    if (free_.empty()) {
        spool = std::make_unique<pg::Spool>();
    } else {
        spool = std::move(free_.back());
        free_.pop_back();
    }
    return std::make_unique<File>(*this, std::move(spool));
}

void Spools::close() {
    for (const std::unique_ptr<pg::Spool>& spool : free_) spool->close();
    free_.clear();
}

}  // namespace recon::match
