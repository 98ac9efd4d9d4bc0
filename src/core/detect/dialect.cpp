#include "core/detect/dialect.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/detect/cell_class.hpp"
#include "core/field/raw_text.hpp"

namespace recon::detect {

namespace {

constexpr std::size_t judged_bytes = 64 * 1024;
constexpr std::size_t judged_rows = 300;
constexpr double nearly_nothing = 1e-3;  // the score of rows that are not cut at all
constexpr std::string_view single_delimiters = ",;\t|:^~ \x1f\x01";
constexpr std::string_view wide_delimiters[] = {"\u00a6", "\u00a7"};
constexpr std::size_t longest_delimiter = 5;
constexpr char record_separator = '\x1e';

// How likely a delimiter is before anything was seen: what also occurs inside values is less so.
double prior(const std::string& delimiter) {
    std::size_t first = delimiter.find_first_not_of(' ');
    switch (delimiter[first == std::string::npos ? 0 : first]) {
        case ',':
        case ';':
        case '\t':
        case '|':
            return 1;
        case ' ':
            return 0.5;
        case ':':
            return 0.75;
        default:
            return 0.95;
    }
}

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos;
         at = text.find(what, at + what.size()))
        ++count;
    return count;
}

// Runs of the character by whether a length divides theirs. Where it divides all, it is that many
// of them that part the columns.
struct Runs {
    std::size_t divided = 0, others = 0;
    bool most() const { return divided > others; }
    bool all() const { return divided > 0 && others == 0; }
};

Runs runs_of(std::string_view text, char c, std::size_t length) {
    Runs runs;
    std::size_t run = 0;
    auto end = [&] {
        if (run > 0) ++(run % length == 0 ? runs.divided : runs.others);
        run = 0;
    };
    for (char here : text) {
        if (here == c)
            ++run;
        else
            end();
    }
    end();
    return runs;
}

bool may_surround(char c) {
    return std::string_view("!#$%&*/<=>?@[\\]^_{|}~:;").find(c) != std::string_view::npos;
}

// "~|~" where "|" occurs: what nearly always stands before and behind it belongs to it.
std::string surrounded(std::string_view text, char c) {
    std::string whole(1, c);
    for (bool grown = true; grown && whole.size() < longest_delimiter;) {
        grown = false;
        for (bool behind : {false, true}) {
            std::size_t at = text.find(whole);
            std::size_t neighbour = behind ? at + whole.size() : at - 1;
            if (neighbour >= text.size() || !may_surround(text[neighbour])) continue;
            std::string longer =
                behind ? whole + text[neighbour] : std::string(1, text[neighbour]) + whole;
            if (5 * count_of(text, longer) < 4 * count_of(text, whole)) continue;
            whole = std::move(longer);
            grown = true;
        }
    }
    return whole;
}

std::vector<std::string> delimiters_of(std::string_view text) {
    std::vector<std::string> found;
    for (std::string_view wide : wide_delimiters)
        if (text.find(wide) != std::string_view::npos) found.emplace_back(wide);
    for (char c : single_delimiters) {
        std::size_t count = count_of(text, std::string_view(&c, 1));
        if (count == 0) continue;
        bool only_runs = false;
        for (std::size_t length = 2; length <= 3 && c != ' '; ++length) {
            Runs runs = runs_of(text, c, length);
            if (runs.most()) found.emplace_back(length, c);
            only_runs = only_runs || runs.all();
        }
        if (only_runs) continue;
        found.emplace_back(1, c);
        if (std::string whole = surrounded(text, c); whole.size() > 1)
            found.push_back(std::move(whole));
        std::string spaced{c, ' '};
        if (c == ' ' || c == '\t' || 2 * count_of(text, spaced) <= count) continue;
        found.push_back(spaced);
        spaced.insert(0, 1, ' ');
        if (2 * count_of(text, spaced) > count) found.push_back(spaced);
    }
    if (found.empty()) found.emplace_back(",");
    return found;
}

double value_of(const SampleCell& cell, const Form& form) {
    if (cell.bad) return 0;
    switch (classify(cell.text)) {
        case CellClass::empty:
            return cell.quoted ? 0.9 : 0.75;
        case CellClass::text:
            break;
        default:
            return cell.text.front() == ' ' ? 0.85 : 1;
    }
    if (cell.quoted) return 0.8;
    double value = 0.7;
    if (cell.text.front() == ' ' || cell.text.back() == ' ') value = 0.6;
    for (char c : cell.text) {
        if (c == ';' || c == '\t' || c == '|') value = std::min(value, 0.1);
        if (c == ',') value = std::min(value, 0.4);
        if (c == '\r' || c == '\n') value = 0;
    }
    std::string_view inner = field::trim_blanks(cell.text);
    bool wrapped = inner.size() > 1 && inner.front() == inner.back() &&
                   (inner.front() == '"' || inner.front() == '\'') && inner.front() != form.quote;
    bool torn = !inner.empty() && (inner.front() == '"') != (inner.back() == '"');
    if (wrapped || torn || inner.find('"') != std::string_view::npos) value = std::min(value, 0.05);
    return value;
}

// Whether but one in so many columns says nothing.
struct Hollow {
    Hollow(std::size_t one_in, std::size_t width)
        : period(one_in), all(width > one_in && width % one_in == 1) {}
    void see(std::span<const SampleCell> row) {
        for (std::size_t at = 0; all && at < row.size(); ++at)
            all = at % period == 0 ||
                  std::all_of(row[at].text.begin(), row[at].text.end(), may_surround);
    }
    std::size_t period;
    bool all;
};

struct Verdict {
    double score = 0;
    double regular = 0;  // the share of rows of the common width
    std::size_t width = 1, rows = 0;
};

Verdict judge(std::string_view text, const Form& form) {
    Rows rows = split(text, form, judged_rows);
    Verdict verdict;
    verdict.rows = rows.rows.size();
    if (rows.rows.empty()) return verdict;
    std::map<std::size_t, std::size_t> widths;
    for (const SampleRow& row : rows.rows) ++widths[row.count];
    // The common width: most rows, the wider the better, as in the paper's pattern score.
    double best = -1;
    for (auto [width, count] : widths) {
        double w = static_cast<double>(width);
        double weight = static_cast<double>(count) * std::max(nearly_nothing, (w - 1) / w);
        if (weight <= best) continue;
        best = weight;
        verdict.width = width;
    }
    std::size_t first = 0, last = rows.rows.size() - 1;
    while (rows.rows[first].count != verdict.width) ++first;
    while (rows.rows[last].count != verdict.width) --last;
    std::size_t fitting = widths[verdict.width];
    // Another line end than any has to make rows of its own.
    if (!form.terminator.empty() && fitting < 2) return verdict;
    std::size_t outside = rows.rows.size() - (last - first + 1);
    double within = static_cast<double>(last - first + 1) + 0.1 * static_cast<double>(outside);
    verdict.regular = static_cast<double>(fitting) / within;
    double quality = 0;
    std::size_t cells = 0;
    Hollow pairs{2, verdict.width}, triples{3, verdict.width};
    for (std::size_t i = first; i <= last; ++i) {
        if (rows.rows[i].count != verdict.width) continue;
        auto row = rows.of(i);
        for (const SampleCell& cell : row) quality += value_of(cell, form);
        pairs.see(row);
        triples.see(row);
        cells += verdict.width;
    }
    if (pairs.all || triples.all) quality *= 0.5;  // the delimiter is what stands around it as well
    double w = static_cast<double>(verdict.width);
    verdict.score = verdict.regular * std::max(nearly_nothing, (w - 1) / w) * quality /
                    static_cast<double>(cells) * prior(form.delimiter);
    return verdict;
}

// Line ends of the other kinds inside fields, where one kind is clearly meant.
std::vector<std::string> terminators_of(std::string_view text) {
    std::size_t crlf = count_of(text, "\r\n");
    std::size_t lf = count_of(text, "\n") - crlf, cr = count_of(text, "\r") - crlf;
    std::vector<std::string> found = {""};
    std::size_t separators = count_of(text, std::string_view(&record_separator, 1));
    if (separators > crlf + lf + cr) found.emplace_back(1, record_separator);
    if (separators > 0 && crlf + lf + cr == 0) found.erase(found.begin());
    if (crlf > 0 && (lf > 0 || cr > 0)) found.emplace_back("\r\n");
    if (crlf == 0 && lf > 0 && cr > 0) {
        found.emplace_back("\n");
        found.emplace_back("\r");
    }
    return found;
}

// One is the other and more: "," and ", " are no rivals.
bool related(const std::string& a, const std::string& b) {
    return a.find(b) != std::string::npos || b.find(a) != std::string::npos;
}

struct Quoting {
    char quote, escape;
};

std::vector<Quoting> quotings_of(std::string_view text) {
    std::vector<Quoting> found = {{'"', '"'}};
    bool backslash = text.find('\\') != std::string_view::npos;
    if (backslash && text.find("\\\"") != std::string_view::npos) found.push_back({'"', '\\'});
    if (text.find('\'') != std::string_view::npos) {
        found.push_back({'\'', '\''});
        if (backslash && text.find("\\'") != std::string_view::npos) found.push_back({'\'', '\\'});
    }
    return found;
}

// No field is in quotes, and some hold one: it is a sign like others.
bool is_quote_text(std::string_view text, const Form& form) {
    Rows rows = split(text, form, judged_rows);
    bool held = false;
    for (const SampleCell& cell : rows.cells) {
        if (cell.quoted) return false;
        held = held || cell.text.find(form.quote) != std::string_view::npos;
    }
    return held;
}

// A sign at the beginning of lines that are no rows.
std::optional<char> comment_of(std::string_view text, const Form& form, std::size_t width) {
    for (char sign : std::string_view("#%!*")) {
        std::size_t lines = 0;
        bool all_others = true;
        Rows rows = split(text, form, judged_rows);
        for (const SampleRow& row : rows.rows) {
            const SampleCell& cell = rows.cells[row.first];
            if (cell.quoted || !cell.text.starts_with(sign)) continue;
            ++lines;
            all_others = all_others && row.count != width;
        }
        if (lines > 0 && all_others && form.delimiter[0] != sign) return sign;
    }
    return std::nullopt;
}

bool needs_trim(std::string_view text, const Form& form) {
    Rows rows = split(text, form, judged_rows);
    std::size_t padded = 0, filled = 0;
    for (const SampleCell& cell : rows.cells) {
        if (cell.text.empty()) continue;
        ++filled;
        padded += field::trim_blanks(cell.text).size() != cell.text.size();
    }
    return 10 * padded > filled;
}

// The text up to the last line end within what is judged.
std::string_view judged_part(std::string_view text) {
    if (text.size() <= judged_bytes) return text;
    text = text.substr(0, judged_bytes);
    std::size_t end = text.find_last_of("\r\n");
    return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

DialectGuess detect_dialect(std::string_view text) {
    return detect_dialect(text, {});
}

DialectGuess detect_dialect(std::string_view whole, const Known& known) {
    std::string_view text = judged_part(whole);
    auto delimiters = known.delimiter ? std::vector{*known.delimiter} : delimiters_of(text);
    auto terminators = known.terminator ? std::vector{*known.terminator} : terminators_of(text);
    auto quotings = quotings_of(text);
    for (Quoting& quoting : quotings) {
        if (known.quote) quoting = {*known.quote, quoting.escape == '\\' ? '\\' : *known.quote};
        if (known.escape) quoting.escape = *known.escape;
    }
    DialectGuess guess;
    Verdict best;
    best.score = -1;
    double rival = 0;
    for (const std::string& terminator : terminators) {
        for (const std::string& delimiter : delimiters) {
            for (const Quoting& quoting : quotings) {
                if (quoting.quote != 0 && delimiter.find(quoting.quote) != std::string::npos)
                    continue;
                Form form{delimiter, quoting.quote, quoting.escape, terminator, std::nullopt};
                if (known.comment && *known.comment != 0) form.comment = known.comment;
                Verdict verdict = judge(text, form);
                bool same = best.score >= 0 && related(guess.form.delimiter, delimiter);
                if (verdict.score > best.score * (1 + 1e-9)) {
                    if (!same) rival = std::max(rival, best.score);
                    best = verdict;
                    guess.form = form;
                } else if (!same) {
                    rival = std::max(rival, verdict.score);
                }
            }
        }
    }
    guess.width = best.width;
    if (best.rows == 0) return guess;
    if (best.width == 1 && !known.delimiter) guess.form.delimiter = ",";
    if (!known.quote && !known.escape && is_quote_text(text, guess.form))
        guess.form.quote = guess.form.escape = 0;
    if (!known.comment) guess.form.comment = comment_of(text, guess.form, guess.width);
    guess.trim = needs_trim(text, guess.form);
    double ratio = best.score > 0 ? std::min(1.0, rival / best.score) : 1;
    guess.confidence = std::min(1.0, best.regular) * (1 - ratio * ratio);
    if (best.width == 1) guess.confidence = std::min(guess.confidence, 0.3);
    if (best.rows == 1) guess.confidence = std::min(guess.confidence, 0.4);
    return guess;
}

}  // namespace recon::detect
