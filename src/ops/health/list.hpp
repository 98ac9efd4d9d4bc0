// Things that a check names one by one: the first few of them.
#pragma once

#include <string>

namespace recon::ops {

class List {
  public:
    void add(const std::string& item) {
        if (++count_ <= most_named) text_ += (text_.empty() ? "" : ", ") + item;
    }
    std::size_t size() const { return count_; }
    std::string text() const { return count_ > most_named ? text_ + ", …" : text_; }

  private:
    static constexpr std::size_t most_named = 5;
    std::size_t count_ = 0;
    std::string text_;
};

}  // namespace recon::ops
