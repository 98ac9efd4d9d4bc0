// Writes bank.csv, ledger.csv and truth.csv: a year (or YEARS) of a bank account and of the ledger
// that it should agree with. The same arguments give the same bytes on every machine: integers
// only, and a generator of its own.
//
//   generate ROWS SEED DIRECTORY [YEARS]
//
// Of ROWS bank records 70 % are the same in the ledger, 12 % drifted by 1-3 days, 5 % lost up to
// 0.5 % to a fee, 6 % have a garbled reference and counterparty, 4 % pay 2-8 ledger records at
// once, 3 % are unknown to the ledger, which has as many of its own. 1.5 % of the first kind stand
// twice on one side or on both.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {  // splitmix64
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    int between(int low, int high) {
        return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low + 1)));
    }
    bool percent(int n) { return below(100) < static_cast<std::uint64_t>(n); }

  private:
    std::uint64_t state_;
};

struct Record {
    std::string id;
    int day = 0;  // from the first of 2025, which is 0
    std::int64_t cents = 0;
    std::string_view currency;
    std::string reference, counterparty, description;
};

struct Link {
    std::string a, b;
    std::string_view kind;
};

constexpr int days_in_year = 365;
constexpr int first_weekday = 2;  // 2025 began on a Wednesday; Monday is 0

std::string date(int day) {
    std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 2025;
    for (;; ++year) {
        const bool leap = year % 4 == 0;  // right until 2099
        lengths[1] = leap ? 29 : 28;
        const int length = days_in_year + (leap ? 1 : 0);
        if (day < length) break;
        day -= length;
    }
    std::size_t month = 0;
    while (day >= lengths[month]) day -= lengths[month++];
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%d-%02d-%02d", year, static_cast<int>(month) + 1,
                  day + 1);
    return text.data();
}

class Generator {
  public:
    Generator(std::uint64_t rows, std::uint64_t seed, int years)
        : random_(seed), days_(days_in_year * years) {
        static constexpr std::array<std::string_view, 20> first = {
            "Northern", "Alpine", "Harbour", "Golden", "Silver", "Atlantic", "Central",
            "Green",    "Royal",  "United",  "Summit", "Delta",  "Pioneer",  "Crown",
            "Sterling", "Orion",  "Vega",    "Baltic", "Rhine",  "Danube"};
        static constexpr std::array<std::string_view, 20> second = {
            "Trading",  "Logistics", "Foods",    "Steel",  "Energy", "Textiles", "Software",
            "Timber",   "Chemicals", "Media",    "Motors", "Paper",  "Glass",    "Tools",
            "Shipping", "Pharma",    "Ceramics", "Optics", "Farms",  "Books"};
        static constexpr std::array<std::string_view, 6> form = {"GmbH", "Ltd", "AG",
                                                                 "SA",   "LLC", "Inc"};
        const std::uint64_t count = std::max<std::uint64_t>(50, rows / 50);
        std::uint64_t weight = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            std::string name(first[random_.below(first.size())]);
            name.append(" ").append(second[random_.below(second.size())]);
            name.append(" ").append(std::to_string(i + 1));
            name.append(" ").append(form[random_.below(form.size())]);
            names_.push_back(std::move(name));
            weights_.push_back(weight += 1'000'000'000 / (i + 1));
        }
    }

    void run(std::uint64_t rows) {
        for (std::uint64_t i = 0; i < rows; ++i) {
            const auto kind = random_.below(100);
            if (kind < 70)
                exact();
            else if (kind < 82)
                drifted();
            else if (kind < 87)
                fee();
            else if (kind < 93)
                garbled();
            else if (kind < 97)
                parts();
            else
                alone();
        }
        shuffle(bank);
        shuffle(ledger);
        shuffle(truth);
    }

    std::vector<Record> bank, ledger;
    std::vector<Link> truth;

  private:
    Record any() {
        Record r;
        do r.day = random_.between(0, days_ - 1);
        while ((r.day + first_weekday) % 7 >= 5 && random_.below(5) != 0);
        const auto currency = random_.below(10);
        r.currency = currency < 6 ? "USD" : currency < 9 ? "EUR" : "GBP";
        r.counterparty = names_[static_cast<std::size_t>(
            std::upper_bound(weights_.begin(), weights_.end(), random_.below(weights_.back())) -
            weights_.begin())];
        r.cents = amount();
        r.reference = random_.percent(3)
                          ? "RENT"
                          : "INV-" + std::to_string(1'000'000 + ++number_ * 7 + random_.below(7));
        r.description = "payment " + r.reference + ' ' + r.counterparty;
        return r;
    }

    std::int64_t amount() {
        static constexpr std::array<int, 6> round = {50, 200, 250, 500, 1000, 1200};
        const auto kind = random_.below(100);
        if (kind < 2) return 100'00;
        if (kind < 5) return round[random_.below(6)] * 100;
        const int magnitude = random_.between(0, 5) + random_.between(0, 5) + random_.between(0, 5);
        return 500 + static_cast<std::int64_t>(random_.below(std::uint64_t{1} << (magnitude + 6)));
    }

    std::string put(std::vector<Record>& side, Record r) {
        r.id = (&side == &bank ? "B" : "L") + std::to_string(10'000'000 + side.size());
        r.day = std::clamp(r.day, 0, days_ - 1);
        side.push_back(std::move(r));
        return side.back().id;
    }
    void pair(const Record& a, const Record& b, std::string_view kind) {
        truth.push_back({put(bank, a), put(ledger, b), kind});
    }

    static void lose_reference(Record& r) {
        r.reference.clear();
        r.description = "payment " + r.counterparty;
    }

    void exact() {
        const Record r = any();
        pair(r, r, "1:1");
        if (random_.below(1000) >= 15) return;
        switch (random_.below(3)) {
            case 0:
                put(bank, r);
                break;
            case 1:
                put(ledger, r);
                break;
            default:
                pair(r, r, "1:1");
        }
    }
    void drifted() {
        Record a = any();
        const Record b = a;
        a.day += random_.between(1, 3);
        if (random_.percent(20)) lose_reference(a);
        pair(a, b, "1:1");
    }
    void fee() {
        Record a = any();
        const Record b = a;
        a.cents -= std::max<std::int64_t>(1, a.cents * random_.between(1, 50) / 10'000);
        a.day += random_.between(0, 1);
        if (random_.percent(20)) lose_reference(a);
        pair(a, b, "1:1");
    }
    void garbled() {
        Record a = any();
        const Record b = a;
        garble(a.reference);
        garble(a.counterparty);
        a.description = "payment " + a.reference + ' ' + a.counterparty;
        a.day += random_.between(0, 1);
        pair(a, b, "1:1");
    }
    void garble(std::string& text) {
        const auto at = random_.below(text.size() - 1);
        switch (random_.below(3)) {
            case 0:
                text[at] = static_cast<char>('A' + random_.below(26));
                break;
            case 1:
                std::swap(text[at], text[at + 1]);
                break;
            default:
                text.erase(at, 1);
        }
    }
    void parts() {
        Record whole = any();
        whole.cents = 0;
        std::vector<Record> members(static_cast<std::size_t>(random_.between(2, 8)));
        for (Record& m : members) {
            m = any();
            m.counterparty = whole.counterparty;
            m.currency = whole.currency;
            m.day = whole.day - random_.between(0, 3);
            m.description = "payment " + m.reference + ' ' + m.counterparty;
            whole.cents += m.cents;
        }
        const std::string id = put(bank, whole);
        for (const Record& m : members) truth.push_back({id, put(ledger, m), "1:N"});
    }
    void alone() {
        put(bank, any());
        put(ledger, any());
    }

    template <class T>
    void shuffle(std::vector<T>& list) {
        for (std::size_t i = list.size(); i > 1; --i)
            std::swap(list[i - 1], list[random_.below(i)]);
    }

    Random random_;
    int days_;
    std::uint64_t number_ = 0;
    std::vector<std::string> names_;
    std::vector<std::uint64_t> weights_;
};

class File {
  public:
    File(const std::string& directory, const char* name)
        : file_(std::fopen((directory + '/' + name).c_str(), "wb")) {
        if (file_ == nullptr) {
            std::perror(name);
            std::exit(1);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (std::fclose(file_) != 0) std::perror("close");
    }
    void line(const std::string& text) { std::fprintf(file_, "%s\n", text.c_str()); }

  private:
    std::FILE* file_;
};

void write(const std::string& directory, const char* name, const std::vector<Record>& records) {
    File file(directory, name);
    file.line("external_id,transaction_date,amount,currency,reference,counterparty,description");
    for (const Record& r : records) {
        std::array<char, 32> amount;
        std::snprintf(amount.data(), amount.size(), "%lld.%02lld",
                      static_cast<long long>(r.cents / 100), static_cast<long long>(r.cents % 100));
        file.line(r.id + ',' + date(r.day) + ',' + amount.data() + ',' + std::string(r.currency) +
                  ',' + r.reference + ',' + r.counterparty + ',' + r.description);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4 && argc != 5) {
        std::fprintf(stderr, "usage: %s ROWS SEED DIRECTORY [YEARS]\n", argv[0]);
        return 2;
    }
    const std::uint64_t rows = std::strtoull(argv[1], nullptr, 10);
    const std::string directory = argv[3];
    const int years = argc == 5 ? std::atoi(argv[4]) : 1;
    Generator generator(rows, std::strtoull(argv[2], nullptr, 10), std::max(1, years));
    generator.run(rows);
    write(directory, "bank.csv", generator.bank);
    write(directory, "ledger.csv", generator.ledger);
    File truth(directory, "truth.csv");
    truth.line("external_id_a,external_id_b,kind");
    for (const Link& link : generator.truth)
        truth.line(link.a + ',' + link.b + ',' + std::string(link.kind));
    return 0;
}
