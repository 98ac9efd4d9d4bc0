#include "core/detect/split.hpp"

#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

constexpr std::size_t most_cells = 200000;
constexpr std::size_t most_columns = 1000;
constexpr std::size_t few_rows = 4;  // of which none is given up for being perhaps cut

class Splitter {
  public:
    Splitter(std::string_view text, const Form& form) : text_(text), form_(form) {}

    Rows run(std::size_t most_rows) {
        while (at_ < text_.size() && rows_.rows.size() < most_rows &&
               rows_.cells.size() < most_cells)
            next_row();
        drop_cut_row();
        return std::move(rows_);
    }

  private:
    // The length of the line end here; 0 where there is none.
    std::size_t line_end() const {
        if (!form_.terminator.empty())
            return text_.substr(at_).starts_with(form_.terminator) ? form_.terminator.size() : 0;
        if (text_[at_] == '\n') return 1;
        if (text_[at_] != '\r') return 0;
        return at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
    }

    bool delimiter_here() const {
        return text_[at_] == form_.delimiter[0] &&
               (form_.delimiter.size() == 1 || text_.substr(at_).starts_with(form_.delimiter));
    }

    void skip_line() {
        while (at_ < text_.size()) {
            if (std::size_t length = line_end()) {
                at_ += length;
                ++line_;
                return;
            }
            ++at_;
        }
    }

    void next_row() {
        if (std::size_t length = line_end()) {
            at_ += length;
            ++line_;
            return;
        }
        if (form_.comment == text_[at_]) {
            skip_line();
            return;
        }
        SampleRow row{line_, rows_.cells.size(), 0};
        ended_ = false;
        bool more = true;
        while (more) {
            SampleCell cell;
            more = next_cell(cell);
            if (rows_.cells.size() - row.first < most_columns) rows_.cells.push_back(cell);
        }
        row.count = rows_.cells.size() - row.first;
        rows_.rows.push_back(row);
    }

    // True where a delimiter ended the cell, and another follows.
    bool next_cell(SampleCell& cell) {
        std::size_t begin = at_;
        if (form_.quote != 0 && at_ < text_.size() && text_[at_] == form_.quote) {
            ++at_;
            bool closed = quoted_part();
            cell.quoted = true;
            cell.text = text_.substr(begin + 1, at_ - begin - (closed ? 2 : 1));
            cell.bad = !closed;
        }
        bool rest = false;
        for (; at_ < text_.size(); ++at_) {
            std::size_t length = delimiter_here() ? form_.delimiter.size() : 0;
            bool at_line_end = length == 0 && (length = line_end()) > 0;
            if (length == 0) {
                rest = true;
                continue;
            }
            end_cell(cell, begin, rest);
            at_ += length;
            if (!at_line_end) return true;
            ++line_;
            ended_ = true;
            return false;
        }
        end_cell(cell, begin, rest);
        return false;
    }

    void end_cell(SampleCell& cell, std::size_t begin, bool rest) const {
        if (!cell.quoted) cell.text = text_.substr(begin, at_ - begin);
        if (cell.quoted && rest) cell.bad = true;
    }

    // Past the closing quote. False where there is none.
    bool quoted_part() {
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == '\n' || (c == '\r' && !(at_ + 1 < text_.size() && text_[at_ + 1] == '\n')))
                ++line_;
            bool again = at_ + 1 < text_.size();
            if (form_.escape != form_.quote && c == form_.escape && again &&
                (text_[at_ + 1] == form_.quote || text_[at_ + 1] == form_.escape)) {
                ++at_;
            } else if (c == form_.quote) {
                if (form_.escape == form_.quote && again && text_[at_ + 1] == form_.quote) {
                    ++at_;
                    continue;
                }
                ++at_;
                return true;
            }
        }
        return false;
    }

    void drop_cut_row() {
        if (ended_ || rows_.rows.size() < 2) return;
        const SampleRow& last = rows_.rows.back();
        const SampleRow& before = rows_.rows[rows_.rows.size() - 2];
        if (last.count == before.count && rows_.rows.size() <= few_rows && !rows_.cells.back().bad)
            return;
        rows_.cells.resize(last.first);
        rows_.rows.pop_back();
    }

    std::string_view text_;
    const Form& form_;
    Rows rows_;
    std::size_t at_ = 0, line_ = 0;
    bool ended_ = true;  // the last row, by a line end
};

}  // namespace

Rows split(std::string_view text, const Form& form, std::size_t most_rows) {
    return Splitter(text, form).run(most_rows);
}

std::string unescaped(const SampleCell& cell, const Form& form) {
    if (!cell.quoted) return std::string(cell.text);
    std::string text;
    for (std::size_t i = 0; i < cell.text.size(); ++i) {
        if (cell.text[i] == form.escape && i + 1 < cell.text.size() &&
            (cell.text[i + 1] == form.quote || cell.text[i + 1] == form.escape))
            ++i;
        text += cell.text[i];
    }
    return text;
}

}  // namespace recon::detect
