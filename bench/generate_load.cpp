// Writes a file as banks export them, for measuring loads: generate_load ROWS SEED DIRECTORY.
//
// About 137 bytes a row in nine columns: 10 % of the descriptions hold a quoted comma, 4 % a
// doubled quote, 2 % a line break, a fifth other letters than ASCII. load.csv has 1 % of bad rows
// besides (half a bad date, a quarter too few columns, a quarter a stray quote); good.csv has none
// of them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

namespace {

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open(const std::string& path) {
    File file(std::fopen(path.c_str(), "wb"), &std::fclose);
    if (file == nullptr) {
        std::perror(path.c_str());
        std::exit(1);
    }
    std::setvbuf(file.get(), nullptr, _IOFBF, 1 << 20);
    return file;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: generate_load ROWS SEED DIRECTORY\n");
        return 2;
    }
    const long rows = std::atol(argv[1]);
    std::mt19937_64 random(std::strtoull(argv[2], nullptr, 10));
    const std::string directory = argv[3];
    File good = open(directory + "/good.csv"), load = open(directory + "/load.csv");
    static const char* names[] = {
        "Alpine Trading",    "Müller & Söhne",  "Novák Stavby", "Harbour Foods",  "Oakwood Estates",
        "Société Générique", "Delta Logistics", "Fabrikam",     "Contoso Retail", "Łódź Tekstylia"};
    static const char* currencies[] = {"EUR", "USD", "GBP", "CHF"};
    auto upto = [&](std::uint64_t n) { return random() % n; };
    const char header[] =
        "external_id,transaction_date,value_date,amount,currency,reference,counterparty,"
        "description,"
        "iban\n";
    std::fputs(header, good.get());
    std::fputs(header, load.get());
    char line[512];
    for (long row = 1; row <= rows; ++row) {
        std::string description = "invoice " + std::to_string(upto(1000000));
        std::uint64_t kind = upto(100);
        if (kind < 10)
            description = "\"" + description + ", paid in full\"";
        else if (kind < 14)
            description = "\"" + description + " \"\"urgent\"\"\"";
        else if (kind < 16)
            description = "\"" + description + "\nsecond line\"";
        else
            description += " with kind regards";
        int month = 1 + static_cast<int>(upto(12)), day = 1 + static_cast<int>(upto(27));
        bool bad = upto(100) == 0;
        std::uint64_t how = upto(4);

        int length;
        if (bad && how == 2)
            length = std::snprintf(line, sizeof line, "TX%09ld,2026-%02d-%02d,short row\n", row,
                                   month, day);
        else
            length = std::snprintf(
                line, sizeof line,
                "TX%09ld,2026-%02d-%02d,2026-%02d-%02d,%s%llu.%02llu,%s,RE-2026-%07llu,%s%s,%s,"
                "DE%020llu\n",
                row, month, bad && how < 2 ? 32 : day, month, day + 1, upto(3) == 0 ? "-" : "",
                static_cast<unsigned long long>(upto(100000)),
                static_cast<unsigned long long>(upto(100)), currencies[upto(4)],
                static_cast<unsigned long long>(upto(10000000)), names[upto(10)],
                bad && how == 3 ? " \"stray" : "", description.c_str(),
                static_cast<unsigned long long>(upto(1000000000000000000ull)));
        std::fwrite(line, 1, static_cast<std::size_t>(length), load.get());
        if (!bad) std::fwrite(line, 1, static_cast<std::size_t>(length), good.get());
    }
    return 0;
}
